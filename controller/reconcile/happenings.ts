// What is worth an event: how a sandbox's conditions changed, in the words of the conditions.

import type { Happening } from '../../kubernetes/event.ts'
import type { Condition } from '../../kubernetes/resources/meta.ts'

export type Told = Omit<Happening, 'regarding'>

/** On the way to be ready: nothing is wrong. */
const PASSING: ReadonlySet<string> = new Set([
  'Starting',
  'NotReady',
  'Updating',
  'WaitingForForks',
  'Waiting',
  'ContainerCreating',
])

export function happenings(before: readonly Condition[], after: readonly Condition[]): readonly Told[] {
  const told: Told[] = []
  for (const condition of after) {
    const old = before.find(({ type }) => type === condition.type)
    if (old?.status === condition.status && old.reason === condition.reason && old.message === condition.message)
      continue
    const happening = happeningOf(condition, old)
    if (happening !== undefined) told.push(happening)
  }
  return told
}

function happeningOf({ type, status, reason, message }: Condition, old: Condition | undefined): Told | undefined {
  const isTrue = status === 'True'
  switch (type) {
    case 'Ready':
      if (isTrue && old?.status !== 'True') return { type: 'Normal', reason: 'Ready', action: 'Routing', note: message }
      return undefined
    case 'ForksAvailable':
      if (isTrue || PASSING.has(reason)) return undefined
      return { type: 'Warning', reason, action: 'Forking', note: message }
    case 'Conflict':
      return isTrue ? { type: 'Warning', reason, action: 'Routing', note: message } : undefined
    case 'Warned':
      return isTrue ? { type: 'Warning', reason, action: 'Forking', note: message } : undefined
    default:
      return undefined
  }
}
