// What a Sandbox's status says about its present spec; what it says about an earlier one counts as not said.

import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'

export function conditionOf({ metadata, status }: Sandbox, type: string): Condition | undefined {
  const condition = status?.conditions?.find((each) => each.type === type)
  if (condition === undefined) return undefined
  const generation = metadata.generation ?? 0
  return (condition.observedGeneration ?? status?.observedGeneration ?? generation) >= generation
    ? condition
    : undefined
}

export function isTrue(sandbox: Sandbox, type: string): boolean {
  return conditionOf(sandbox, type)?.status === 'True'
}

/** The key that its requests carry. */
export function routingKeyOf({ metadata, spec, status }: Sandbox): string {
  return spec.routingKey ?? status?.routingKey ?? metadata.name
}

/** `shop/pr-42`. */
export function fullName({ metadata }: Sandbox): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
