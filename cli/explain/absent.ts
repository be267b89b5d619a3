// A name that no sandbox has: what became of the one that had it, or which one may have been meant.

import type { Client } from '../../kubernetes/client.ts'
import { type Event, EVENTS } from '../../kubernetes/resources/builtin.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { fullName, routingKeyOf } from '../sandbox/status.ts'
import { seen } from './look.ts'

/** Ends the sentence `there is no sandbox NAME in namespace NAMESPACE: …`. Undefined if nothing is known. */
export function whyAbsent(
  name: string,
  namespace: string,
  sandboxes: readonly Sandbox[],
  events: readonly Event[],
): string | undefined {
  const last = events
    .filter(({ regarding }) => regarding?.kind === 'Sandbox' && regarding.name === name)
    .toSorted((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    .findLast(({ reason }) => reason === 'Expired')
  if (last !== undefined) return `it was deleted, since it had expired. ${last.note ?? ''}`.trim()
  const keyed = sandboxes.find((sandbox) => routingKeyOf(sandbox) === name)
  if (keyed !== undefined) return `${name} is the routing key of sandbox ${fullName(keyed)}`
  const elsewhere = sandboxes.find(({ metadata }) => metadata.name === name && metadata.namespace !== namespace)
  if (elsewhere !== undefined) return `there is one in namespace ${elsewhere.metadata.namespace ?? ''} (-n)`
  const [near] = sandboxes
    .map((sandbox) => ({ sandbox, distance: distance(sandbox.metadata.name, name) }))
    .filter((each) => each.distance <= 2 && each.distance < name.length)
    .toSorted((a, b) => a.distance - b.distance)
  return near === undefined ? undefined : `did you mean ${fullName(near.sandbox)}?`
}

export async function lookForAbsent(
  client: Client,
  name: string,
  namespace: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [all, here, events] = await Promise.all([
    seen(client.list(SANDBOXES, {}, signal)),
    seen(client.list(SANDBOXES, { namespace }, signal)),
    seen(client.list(EVENTS, { namespace, fieldSelector: `regarding.name=${name}` }, signal)),
  ])
  return whyAbsent(name, namespace, (all ?? here)?.items ?? [], events?.items ?? [])
}

/** Levenshtein: how many characters have to change, come or go. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j++) {
      const replaced = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
