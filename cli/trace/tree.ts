// Joins the hops of one trace to a tree: by the hop that each names as its parent where it is known, else by who called and when.

import type { HopLine } from '../../core/hop-line.ts'

export interface TraceNode extends HopLine {
  /**
   * `known`: the request carried its parent's mark. `inferred`: its parent was not reported, but this is the pod of the Service that was
   * called at that time. `first`: no sidecar has seen the request before.
   */
  readonly joined: 'known' | 'inferred' | 'first'
  readonly children: readonly TraceNode[]
}

/** Clocks of nodes differ by this much where they are kept by NTP. Milliseconds. */
const CLOCK_MS = 50

/** The first hops, with what came of them. Each hop is there once, children in the order in which they were sent. */
export function traceTree(lines: readonly HopLine[]): readonly TraceNode[] {
  const byId = new Map(lines.map((line) => [line.hop.id, line]))
  const all = [...byId.values()].toSorted((a, b) => a.hop.at - b.hop.at)
  const parents = new Map(all.map((line) => [line.hop.id, parentOf(line, byId, all)]))
  const childrenOf = (id: string | undefined): readonly TraceNode[] =>
    all.flatMap(({ sidecar, hop }) => {
      const parent = parents.get(hop.id)
      if (parent === undefined || parent.id !== id) return []
      return [{ sidecar, hop, joined: parent.joined, children: childrenOf(hop.id) }]
    })
  return childrenOf(undefined)
}

interface Parent {
  readonly id: string | undefined
  readonly joined: TraceNode['joined']
}

function parentOf({ sidecar, hop }: HopLine, byId: ReadonlyMap<string, HopLine>, all: readonly HopLine[]): Parent {
  if (hop.parent === '') return { id: undefined, joined: 'first' }
  if (byId.has(hop.parent) && !descends(hop.parent, hop.id, byId)) return { id: hop.parent, joined: 'known' }
  const caller = all.findLast(
    (each) =>
      each.hop.id !== hop.id &&
      isPodOf(sidecar, each.hop.service) &&
      each.hop.at - CLOCK_MS <= hop.at &&
      hop.at <= each.hop.at + each.hop.milliseconds + CLOCK_MS &&
      !descends(each.hop.id, hop.id, byId),
  )
  return { id: caller?.hop.id, joined: 'inferred' }
}

/** Whether `id` is below `above`: an app that sends old marks on must not make a ring. */
function descends(id: string, above: string, byId: ReadonlyMap<string, HopLine>): boolean {
  const seen = new Set<string>()
  for (let at: string | undefined = id; at !== undefined && at !== '' && !seen.has(at); at = byId.get(at)?.hop.parent) {
    if (at === above) return true
    seen.add(at)
  }
  return false
}

/** Whether a pod's name is one that a workload called like the Service gives: `shop/cart-7d9f-x` of `shop/cart`. A fork's pod is. */
export function isPodOf(pod: string, service: string): boolean {
  return pod === service || pod.startsWith(`${service}-`)
}

export function hopsOf(nodes: readonly TraceNode[]): readonly TraceNode[] {
  return nodes.flatMap((node) => [node, ...hopsOf(node.children)])
}
