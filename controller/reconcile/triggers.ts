// What is to be looked at when something in the cluster has changed: no more than what that may be about.

import { isForeign } from '../../kubernetes/route-owner.ts'
import type { Change } from '../../kubernetes/store.ts'
import { isSame } from '../plan/holds.ts'
import type { InForce } from '../programmed/in-force.ts'
import { isOpen } from '../view/neighbourhoods.ts'
import { isSameIntent, sameMarks } from '../view/packed.ts'
import { type Listeners, place } from '../view/view.ts'
import { Waker, type WakerParts } from './waker.ts'
import { workloadTrigger } from './workload-trigger.ts'

export interface TriggerParts extends WakerParts {
  /** Nodes or agents are different, or what they report. */
  readonly nodesChanged: () => void
  readonly inForce: Pick<InForce, 'agentLeft'>
  /** An object that is gone. */
  readonly forget: (uid: string) => void
}

export function triggers(parts: TriggerParts): Listeners {
  const { view, around, claims, inForce, nodesChanged, forget } = parts
  const waker = new Waker(parts)
  const gone = ({ before, after }: Change<{ readonly metadata: { readonly uid?: string } }>) => {
    if (after === undefined && before?.metadata.uid !== undefined) forget(before.metadata.uid)
  }
  const workloads = {
    Deployment: workloadTrigger('Deployment', parts, waker),
    StatefulSet: workloadTrigger('StatefulSet', parts, waker),
    Rollout: workloadTrigger('Rollout', parts, waker),
  }
  return {
    sandboxes: ({ before, after }) => {
      const sandbox = after ?? before
      if (sandbox === undefined) return
      const { generation, labels, deletionTimestamp } = sandbox.metadata
      // A status is this program's own.
      const isNews =
        before === undefined ||
        after === undefined ||
        before.metadata.generation !== generation ||
        before.metadata.deletionTimestamp !== deletionTimestamp ||
        !sameMarks(before.metadata.labels, labels)
      if (isNews) waker.sandboxChanged(sandbox, after === undefined)
    },
    groups: ({ before, after }) => {
      if (before?.metadata.generation === after?.metadata.generation) return
      for (const group of [before, after]) if (group !== undefined) waker.groupChanged(group)
    },
    tables: (change) => {
      gone(change)
      const { namespace = '', name } = (change.after ?? change.before)?.metadata ?? { name: '' }
      parts.wake({ kind: 'Table', place: place(namespace, name) })
      for (const mark of claims.forkers(namespace, name)) parts.wake({ kind: 'Sandbox', mark })
      if (change.before === undefined || change.after === undefined) waker.foreignRoutes(namespace)
    },
    routes: (change) => {
      gone(change)
      const { before, after } = change
      for (const route of new Set([before, after])) if (route !== undefined) waker.routeChanged(route)
      if (after === undefined || !isForeign(after.metadata)) return
      const isKnown = before !== undefined && isForeign(before.metadata)
      if (!isKnown || before.metadata.generation !== after.metadata.generation) waker.foreignRoute(after)
    },
    reports: nodesChanged,
    nodes: ({ before, after }) => {
      const moved = !isSame(before?.addresses, after?.addresses)
      if (before?.ready === after?.ready && !moved) return
      nodesChanged()
      if (moved) for (const { metadata } of view.namespaces.values()) waker.foreignRoutes(metadata.name)
    },
    agents: ({ before, after }) => {
      if (before?.node !== undefined && after?.node === undefined) inForce.agentLeft(before.node)
      if (before?.node !== after?.node || before?.running !== after?.running) nodesChanged()
    },
    namespaces: ({ before, after }) => {
      if (before !== undefined && after !== undefined && sameMarks(before.metadata.labels, after.metadata.labels))
        return
      const { name } = (after ?? before)?.metadata ?? { name: '' }
      waker.surroundings(name)
      waker.tables(name)
    },
    services: (change) => {
      gone(change)
      const { before, after } = change
      if (waker.belonging(change)) return
      if (before !== undefined && after !== undefined && isSameIntent(before, after)) return
      const { namespace = '', name } = (after ?? before)?.metadata ?? { name: '' }
      parts.wake({ kind: 'Table', place: place(namespace, name) })
      waker.surroundings(namespace)
    },
    slices: (change) => void waker.belonging(change),
    pods: (change) => {
      waker.belonging(change)
      const { before, after } = change
      if (!isSame(before?.status?.podIPs, after?.status?.podIPs))
        waker.foreignRoutes((after ?? before)?.metadata.namespace ?? '')
    },
    deployments: (change) => {
      gone(change)
      workloads.Deployment(change)
    },
    statefulSets: (change) => {
      gone(change)
      workloads.StatefulSet(change)
    },
    rollouts: workloads.Rollout,
    policies: (change) => {
      gone(change)
      const { before, after } = change
      if (waker.belonging(change)) return
      if (before !== undefined && after !== undefined && isSameIntent(before, after)) return
      if ([before, after].some((each) => each !== undefined && isOpen(each))) around.forgetPolicies()
      waker.surroundings((after ?? before)?.metadata.namespace ?? '')
    },
    scalers: ({ before, after }) => {
      if (before?.target !== after?.target) waker.surroundings((after ?? before)?.metadata.namespace ?? '')
    },
    budgets: ({ before, after }) => {
      if (!isSame(before?.selector, after?.selector)) waker.surroundings((after ?? before)?.metadata.namespace ?? '')
    },
  }
}
