// One look at a Service: whether it has a RoutingTable, and what that says. Tables that a person wrote are left alone.

import { INJECT } from '../../core/annotations.ts'
import type { Labels } from '../../kubernetes/label-selector.ts'
import { plan } from '../plan/plan.ts'
import { routingTable } from '../routing/table.ts'
import { type View, split } from '../view/view.ts'
import { carryOut } from './apply.ts'
import type { Parts } from './parts.ts'
import { isEnabled } from './world.ts'

export async function reconcileTable(at: string, parts: Parts, signal: AbortSignal): Promise<undefined> {
  const { client, view, claims, memory } = parts
  const { namespace, name } = split(at)
  const service = view.services.get(namespace, name)
  const wanted =
    service === undefined || !isEnabled(view, namespace)
      ? undefined
      : routingTable(service.unpacked(), {
          optedIn: optedInPods(view, namespace),
          forked: claims.forkers(namespace, name).size > 0,
        })
  const there = view.tables.get(namespace, name)
  const planned = plan(wanted === undefined ? [] : [wanted], there === undefined ? [] : [there], memory)
  await carryOut(client, planned, parts, signal)
  return undefined
}

/** The labels of the pods of the namespace's opted-in workloads; those of forks need no tables of their own. */
export function optedInPods(view: View, namespace: string): readonly Labels[] {
  const stores = [view.deployments, view.statefulSets, view.rollouts]
  const found: Labels[] = []
  for (const store of stores) {
    for (const workload of store.by('theirs', namespace)) {
      // Most are not, and need not be parsed.
      if (!workload.text.includes(INJECT)) continue
      const { metadata } = workload.spec?.template ?? {}
      if (metadata?.annotations?.[INJECT] === 'true') found.push(metadata.labels ?? {})
    }
  }
  return found
}
