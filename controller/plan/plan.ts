// What has to be written so that the cluster holds what is desired, and no more: a pure difference.

import type { Desired, Observed } from './desired.ts'
import { digest } from './digest.ts'
import { holds } from './holds.ts'
import { isReplaced } from './immutable.ts'

/** On everything that the controller applies: what it applied. */
export const APPLIED_ANNOTATION = 'sidetrack.dev/applied'

/** What this process applied last, and the generation that the object had then, by uid. */
export type Memory = ReadonlyMap<string, { readonly digest: string; readonly generation: number }>

export interface Plan {
  /** In this order. */
  readonly applies: readonly Desired[]
  /** Those that are no longer desired, and those that must be made anew since the API server lets nobody change them. */
  readonly deletes: readonly Observed[]
  /** Somebody else's objects that have names that are needed. */
  readonly blocked: readonly Observed[]
}

/** Before a pod starts, policies hold for it and Services know it; a key leads somewhere at the very end, and nowhere at first. */
const ORDER: readonly string[] = ['NetworkPolicy', 'Service', 'RoutingTable', 'Deployment', 'StatefulSet', 'Route']

/** `observed`: every object of a desired name, and every one that was made for the same owner. */
export function plan(desired: readonly Desired[], observed: readonly Observed[], memory: Memory): Plan {
  const there = new Map(observed.map((object) => [identity(object), object]))
  const wanted = new Set(desired.map((object) => identity(object)))
  const applies: Desired[] = []
  const deletes = observed.filter((object) => !wanted.has(identity(object)) && isOurs(object))
  const blocked: Observed[] = []
  for (const object of desired) {
    const marked = withDigest(object)
    const old = there.get(identity(object))
    if (old === undefined) applies.push(marked)
    else if (old.metadata.deletionTimestamp !== undefined) continue
    else if (!isOurs(old)) blocked.push(old)
    else if (isRemembered(marked, old, memory)) continue
    else if (isReplaced(object, old)) deletes.push(old)
    else if (!isApplied(marked, old)) applies.push(marked)
  }
  return {
    applies: applies.toSorted((a, b) => place(a) - place(b)),
    deletes: deletes
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .toSorted((a, b) => place(b) - place(a)),
    blocked,
  }
}

/** Some admission webhooks change what they are given: what came of the last apply is as good as it gets. */
function isRemembered(wanted: Desired, { metadata }: Observed, memory: Memory): boolean {
  const known = metadata.uid === undefined ? undefined : memory.get(metadata.uid)
  if (known === undefined || known.generation !== metadata.generation || !isMarked(wanted, metadata)) return false
  return known.digest === wanted.metadata.annotations?.[APPLIED_ANNOTATION]
}

/** The spec, which may have to be parsed, is looked at last. */
function isApplied(wanted: Desired, object: Observed): boolean {
  if (!isMarked(wanted, object.metadata) || !holds(object.metadata, wanted.metadata)) return false
  return holds(object.spec, wanted.spec)
}

function isMarked(wanted: Desired, { annotations }: Observed['metadata']): boolean {
  return annotations?.[APPLIED_ANNOTATION] === wanted.metadata.annotations?.[APPLIED_ANNOTATION]
}

function withDigest(object: Desired): Desired {
  const annotations = { ...object.metadata.annotations, [APPLIED_ANNOTATION]: digest(object) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

function isOurs({ metadata }: Observed): boolean {
  return metadata.annotations?.[APPLIED_ANNOTATION] !== undefined
}

function identity({ kind, metadata }: Pick<Observed, 'kind' | 'metadata'>): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}

function place({ kind }: Pick<Observed, 'kind'>): number {
  return ORDER.indexOf(kind)
}
