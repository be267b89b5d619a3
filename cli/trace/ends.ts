// Where a trace ends, and what is known of why: nobody who was called there has sent anything on with the key.

import type { HopLine } from '../../core/hop-line.ts'
import { type TraceNode, hopsOf } from './tree.ts'

export interface TraceEnd {
  /** `shop/cart`, or `shop/cart (pr-42)` for a fork. */
  readonly what: string
  readonly text: string
  /** What to do if more was expected. */
  readonly mend: string
}

/** Whether the pods that such a request reached have a sidecar, so that what they send is seen; undefined if nobody knows. */
export type Watched = (line: HopLine) => boolean | undefined

/** Each Service and variant once, in the order of the tree. */
export function endsOf(tree: readonly TraceNode[], watched: Watched): readonly TraceEnd[] {
  const ends = new Map<string, TraceEnd>()
  const all = hopsOf(tree)
  const going = new Set(all.filter(({ children }) => children.length > 0).map((node) => nameOf(node)))
  for (const node of all) {
    const what = nameOf(node)
    if (node.children.length > 0 || going.has(what) || ends.has(what)) continue
    ends.set(what, endOf(what, node, watched(node)))
  }
  return [...ends.values()]
}

function endOf(what: string, { hop }: TraceNode, isWatched: boolean | undefined): TraceEnd {
  if (hop.code !== '')
    return {
      what,
      text: `the request to ${what} was answered by the sidecar itself: ${hop.code}`,
      mend: `sidetrack explain SANDBOX; docs/errors.md has ${hop.code}`,
    }
  if (hop.status === 0)
    return {
      what,
      text: `${what} did not answer`,
      mend: 'see whether its pods run and listen: kubectl get pods -o wide',
    }
  if (isWatched === false)
    return {
      what,
      text: `${what} was reached with the key; what it calls is not seen, since its pods have no sidecar`,
      mend: `if it calls others, opt it in: sidetrack enable deploy/${workloadOf(hop.service)}`,
    }
  return {
    what,
    text: `${what} was reached with the key; no call that left it carried it`,
    mend: 'if it calls other Services, it drops the baggage header of what it serves: make it send that header on',
  }
}

export function nameOf({ hop: { service, fork } }: HopLine): string {
  return fork === '' ? service : `${service} (${fork})`
}

function workloadOf(service: string): string {
  return service.slice(service.indexOf('/') + 1)
}
