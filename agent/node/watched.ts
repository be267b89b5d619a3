// What the agent keeps of the objects that it watches.

import type { Stored } from '../../kubernetes/reflector.ts'
import type { EndpointSlice } from '../../kubernetes/resources/builtin.ts'
import type { ObjectMeta } from '../../kubernetes/resources/meta.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../kubernetes/resources/routing-table.ts'
import type { WhyNoPod } from '../../kubernetes/route-target.ts'
import type { Endpoints, Table } from './destinations.ts'
import { type NodeRoute, type Refusal, readRoute } from './routes.ts'

export interface WatchedTable extends Stored, Table {}

export interface WatchedRoute extends Stored {
  readonly table: string
  readonly key: string
  /** What it says, or why that must not be programmed. */
  readonly route: NodeRoute | Refusal
}

export interface WatchedEndpoints extends Stored, Endpoints {}

/** By which EndpointSlices name their Service. */
const SERVICE_NAME = 'kubernetes.io/service-name'

export function readTable({ metadata, spec }: RoutingTable): WatchedTable {
  const { service, clusterIPs, ports, headless = false } = spec
  return { metadata: kept(metadata), namespace: metadata.namespace ?? '', service, clusterIPs, ports, headless }
}

/** `before`: what is known under its name. As long as a change of it awaits its verdict, what was accepted before holds. */
export function readWatchedRoute(route: Route, whyNoPod: WhyNoPod, before?: WatchedRoute): WatchedRoute {
  const { table, key } = route.spec
  const metadata = kept(route.metadata)
  const now = readRoute(route, whyNoPod)
  const awaited = 'awaited' in now && before?.metadata.uid === metadata.uid
  return awaited && before !== undefined && !('refused' in before.route)
    ? { ...before, metadata }
    : { metadata, table, key, route: now }
}

/** All endpoints, whether or not they are ready: an app may call any of them. */
export function readEndpoints({ metadata, addressType, endpoints, ports }: EndpointSlice): WatchedEndpoints {
  const isIp = addressType === 'IPv4' || addressType === 'IPv6'
  return {
    metadata: kept(metadata),
    namespace: metadata.namespace ?? '',
    service: metadata.labels?.[SERVICE_NAME] ?? '',
    addresses: isIp ? (endpoints ?? []).flatMap((each) => each.addresses) : [],
    ports: (ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) =>
      port === undefined || protocol !== 'TCP' ? [] : [{ name, port }],
    ),
  }
}

function kept({ name, namespace, uid, resourceVersion }: ObjectMeta): Stored['metadata'] {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}
