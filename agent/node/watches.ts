// What the agent watches: tables and routes of the whole cluster, the pods of its node, endpoints only while somebody needs them.

import type { Client } from '../../kubernetes/client.ts'
import { startReflector } from '../../kubernetes/reflector.ts'
import type { WhyNoPod } from '../../kubernetes/route-target.ts'
import { ENDPOINT_SLICES, PODS } from '../../kubernetes/resources/builtin.ts'
import { ROUTES, ROUTING_TABLES } from '../../kubernetes/resources/sidetrack.ts'
import { type Change, Store } from '../../kubernetes/store.ts'
import type { Log } from '../../runtime/log.ts'
import { type NodePod, readNodePod } from './node-pod.ts'
import {
  type WatchedEndpoints,
  type WatchedRoute,
  type WatchedTable,
  readEndpoints,
  readTable,
  readWatchedRoute,
} from './watched.ts'

export interface WatchEvents {
  readonly table: (change: Change<WatchedTable>) => void
  readonly route: (change: Change<WatchedRoute>) => void
  readonly endpoints: () => void
  readonly pod: (change: Change<NodePod>) => void
  /** Everything up to some resourceVersion has been said; also if nothing has changed. */
  readonly reached: () => void
}

export interface Watched {
  readonly tables: Store<WatchedTable>
  /** By `namespace/table`. */
  readonly routes: Store<WatchedRoute, 'table'>
  readonly pods: Store<NodePod>
  /** By address. Undefined while nobody needs them. */
  readonly endpoints: Store<WatchedEndpoints, 'address'> | undefined
  /** Watches endpoints, or no longer. */
  needEndpoints(needed: boolean): void
}

export function watchCluster(
  client: Client,
  node: string,
  whyNoPod: WhyNoPod,
  events: WatchEvents,
  log: Log,
  signal: AbortSignal,
): Watched {
  const { reached } = events
  const tables = new Store<WatchedTable>({}, { changed: events.table, reached })
  const routes = new Store<WatchedRoute, 'table'>(
    { table: ({ metadata: { namespace = '' }, table }) => [`${namespace}/${table}`] },
    { changed: events.route, reached },
  )
  const pods = new Store<NodePod>({}, { changed: events.pod, reached })
  startReflector(client, ROUTING_TABLES, { log, transform: readTable }, tables, signal)
  const transform = (route: Parameters<typeof readWatchedRoute>[0]) =>
    readWatchedRoute(route, whyNoPod, routes.get(route.metadata.namespace, route.metadata.name))
  startReflector(client, ROUTES, { log, transform }, routes, signal)
  const fieldSelector = `spec.nodeName=${node}`
  startReflector(client, PODS, { log, fieldSelector, transform: readNodePod }, pods, signal)

  let endpoints: Store<WatchedEndpoints, 'address'> | undefined
  let watching: AbortController | undefined
  return {
    tables,
    routes,
    pods,
    get endpoints() {
      return endpoints
    },
    needEndpoints(needed) {
      if (needed === (endpoints !== undefined)) return
      watching?.abort()
      watching = undefined
      endpoints = undefined
      if (!needed) return
      watching = new AbortController()
      endpoints = new Store({ address: ({ addresses }) => addresses }, { changed: events.endpoints, reached })
      const both = AbortSignal.any([signal, watching.signal])
      startReflector(client, ENDPOINT_SLICES, { log, transform: readEndpoints }, endpoints, both)
    },
  }
}
