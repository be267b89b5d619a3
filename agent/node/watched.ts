// What the agent keeps of the objects that it watches.

import type { Stored } from '../../kubernetes/reflector.ts'
import type { EndpointSlice } from '../../kubernetes/resources/builtin.ts'
import type { ObjectMeta } from '../../kubernetes/resources/meta.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../kubernetes/resources/routing-table.ts'
import type { WhyNoPod } from '../../kubernetes/route-target.ts'
import type { Endpoints, Table } from './destinations.ts'
import { type NodeRoute, readRoute } from './routes.ts'

export interface WatchedTable extends Stored, Table {}

export interface WatchedRoute extends Stored {
  readonly table: string
  readonly key: string
  /** What it says, or why that must not be programmed. */
  readonly route: NodeRoute | { readonly refused: string }
}

export interface WatchedEndpoints extends Stored, Endpoints {}

/** By which EndpointSlices name their Service. */
const SERVICE_NAME = 'kubernetes.io/service-name'

export function readTable({ metadata, spec }: RoutingTable): WatchedTable {
  const { service, clusterIPs, ports, headless = false } = spec
  return { metadata: kept(metadata), namespace: metadata.namespace ?? '', service, clusterIPs, ports, headless }
}

export function readWatchedRoute(route: Route, whyNoPod: WhyNoPod): WatchedRoute {
  const { table, key } = route.spec
  return { metadata: kept(route.metadata), table, key, route: readRoute(route, whyNoPod) }
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
