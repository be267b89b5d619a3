// Workloads beside the sandbox that have no sidecar: calls that they make go to the baseline, whatever key they carry.

import { INJECT } from '../../core/annotations.ts'
import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import { type Link, warned } from './link.ts'
import type { Workload, World } from './world.ts'

const MOST = 10

export function callerLinks({ workloads = [] }: Pick<World, 'workloads'>): readonly Link[] {
  const without = workloads.filter(({ metadata, spec }) => {
    const asks = spec?.template?.metadata?.annotations?.[INJECT]
    // Who has written it on the workload itself hears of that.
    const isMeant = metadata.annotations?.[INJECT] !== undefined
    return metadata.labels?.[SANDBOX_LABEL] === undefined && asks === undefined && !isMeant
  })
  const [first] = without
  if (first === undefined) return []
  return [
    warned(
      'workloads of the namespace have no sidecar: calls that they make go to the baseline, key or not',
      `opt in those that call the forked Services: sidetrack enable ${nameOf(first)}`,
      without
        .slice(0, MOST)
        .map(nameOf)
        .concat(without.length > MOST ? [`and ${without.length - MOST} more`] : []),
    ),
  ]
}

function nameOf({ kind, metadata }: Workload): string {
  return `${kind.toLowerCase()}/${metadata.name}`
}
