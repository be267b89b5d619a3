// What keeps a valid sandbox from being made, as its author should read it.

import type { Plan } from '../plan/plan.ts'
import type { Problem } from '../sandbox/finding.ts'
import type { SandboxShape } from '../sandbox/shape.ts'
import type { Refusal } from './apply.ts'

/** Somebody else's objects have names that are needed. */
export function blocked({ blocked: objects }: Pick<Plan, 'blocked'>): readonly Problem[] {
  return objects.map(({ kind, metadata }) => ({
    reason: 'NameTaken',
    message: `${kind} ${metadata.name} is there already and is not Sidetrack's: delete it, or give the sandbox another name`,
  }))
}

/** The API server does not take what was derived: the field of the sandbox, and its words about the fields of the workload. */
export function refused({ forks }: Pick<SandboxShape, 'forks'>, refusals: readonly Refusal[]): readonly Problem[] {
  return refusals.map(({ object: { kind, metadata }, why }) => {
    const index = forks.findIndex(({ name }) => name === metadata.name)
    const place = index === -1 ? '' : `spec.forks[${index}]: `
    return { reason: 'Refused', message: `${place}Kubernetes refuses ${kind} ${metadata.name}: ${why}` }
  })
}
