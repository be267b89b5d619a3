// Keeps the view up to date, one reflector a kind.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { type ReflectorOptions, type ReflectorTiming, type Stored, startReflector } from '../../kubernetes/reflector.ts'
import type { Resource, Selection } from '../../kubernetes/resource.ts'
import {
  DEPLOYMENTS,
  type Deployment,
  ENDPOINT_SLICES,
  HORIZONTAL_POD_AUTOSCALERS,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PODS,
  POD_DISRUPTION_BUDGETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROLLOUTS } from '../../kubernetes/resources/rollout.ts'
import { NODE_REPORTS, ROUTES, ROUTE_GROUPS, ROUTING_TABLES, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { Store } from '../../kubernetes/store.ts'
import type { Log } from '../../runtime/log.ts'
import {
  keepAgent,
  keepBudget,
  keepDeployment,
  keepNamespace,
  keepNode,
  keepPacked,
  keepPod,
  keepRollout,
  keepRoute,
  keepScaler,
  keepSlice,
  keepStatefulSet,
  keepWhole,
} from './kept.ts'
import { PODS_OF_FORKS, SLICES_OF_FORKS, type View } from './view.ts'
import { WriteThrough } from './write-through.ts'

export interface Followed {
  /** Resolves when everything is known. */
  readonly synced: Promise<unknown>
  /** Resolves when the signal has ended it; rejects if a part cannot go on. */
  readonly done: Promise<void>
  /** The API server answered a write with this object. */
  readonly written: (object: KubernetesObject) => void
}

export interface FollowOptions {
  /** Of the installation: where the agents are. */
  readonly namespace: string
  readonly log: Log
  readonly timing?: ReflectorTiming | undefined
}

const AGENTS = 'app.kubernetes.io/name=sidetrack,app.kubernetes.io/component=agent'
/** How often is looked whether a kind is served that some clusters do not have. */
const SERVED_MS = 60_000

export function followCluster(client: Client, view: View, options: FollowOptions, signal: AbortSignal): Followed {
  const { namespace, log, timing } = options
  const done: Promise<void>[] = []
  const synced: Promise<void>[] = []
  const writers = new Map<string, (object: KubernetesObject) => void>()

  function follow<T extends KubernetesObject, U extends Stored, I extends string>(
    resource: Resource<T>,
    store: Store<U, I>,
    keep: (object: T) => U,
    selection: Selection = {},
  ): () => void {
    const handler = new WriteThrough(store)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written under the kind that it is found by
    writers.set(resource.kind, (object) => handler.written(keep(object as T)))
    const reflect: ReflectorOptions = { ...selection, log, ...(timing === undefined ? {} : { timing }) }
    return () => {
      const reflector = startReflector(client, resource, { ...reflect, transform: keep }, handler, signal)
      done.push(reflector.done)
    }
  }
  const always: [{ readonly synced: Promise<void> }, () => void][] = [
    [view.sandboxes, follow(SANDBOXES, view.sandboxes, keepWhole)],
    [view.groups, follow(ROUTE_GROUPS, view.groups, keepWhole)],
    [view.tables, follow(ROUTING_TABLES, view.tables, keepPacked)],
    [view.routes, follow(ROUTES, view.routes, keepRoute)],
    [view.reports, follow(NODE_REPORTS, view.reports, (report) => report)],
    [view.nodes, follow(NODES, view.nodes, keepNode)],
    [view.namespaces, follow(NAMESPACES, view.namespaces, keepNamespace)],
    [view.services, follow(SERVICES, view.services, keepPacked)],
    [view.slices, follow(ENDPOINT_SLICES, view.slices, keepSlice, { labelSelector: SLICES_OF_FORKS })],
    [view.deployments, follow(DEPLOYMENTS, view.deployments, (object: Deployment) => keepDeployment(object))],
    [view.statefulSets, follow(STATEFUL_SETS, view.statefulSets, keepStatefulSet)],
    [view.policies, follow(NETWORK_POLICIES, view.policies, keepPacked)],
    [view.scalers, follow(HORIZONTAL_POD_AUTOSCALERS, view.scalers, keepScaler)],
    [view.budgets, follow(POD_DISRUPTION_BUDGETS, view.budgets, keepBudget)],
    [view.pods, follow(PODS, view.pods, keepPod, { labelSelector: PODS_OF_FORKS })],
    [view.agents, follow(PODS, view.agents, keepAgent, { namespace, labelSelector: AGENTS })],
  ]
  for (const [store, start] of always) {
    synced.push(store.synced)
    start()
  }
  const startRollouts = follow(ROLLOUTS, view.rollouts, keepRollout)
  const rollouts = whenServed(client, ROLLOUTS, signal)
  done.push(rollouts.served.then((served) => (served ? startRollouts() : undefined)))
  synced.push(rollouts.first.then((served) => (served ? view.rollouts.synced : undefined)))
  return {
    synced: Promise.all(synced),
    done: settled(done),
    written: (object) => writers.get(object.kind)?.(object),
  }
}

/** `first`: whether it is served now. `served` resolves when it is, with false if the signal aborts before. */
function whenServed(
  client: Client,
  { group, version }: Resource<KubernetesObject>,
  signal: AbortSignal,
): { readonly first: Promise<boolean>; readonly served: Promise<boolean> } {
  const ask = () =>
    client.read(`/apis/${group}/${version}`, signal).then(
      () => true,
      (error: unknown) => {
        if (signal.aborted || error instanceof KubernetesError) return false
        throw error
      },
    )
  const first = ask()
  const later = async () => {
    for (let served = await first; !signal.aborted; served = await ask()) {
      if (served) return true
      await sleep(SERVED_MS, undefined, { signal }).catch(() => {})
    }
    return false
  }
  return { first, served: later() }
}

/** Reflectors may be added while others run. */
async function settled(parts: readonly Promise<void>[]): Promise<void> {
  for (let known = -1; known !== parts.length;) {
    known = parts.length
    await Promise.all(parts)
  }
}
