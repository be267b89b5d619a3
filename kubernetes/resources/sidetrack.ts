// Sidetrack's own five resources.

import type { Resource } from '../resource.ts'
import type { NodeReport } from './node-report.ts'
import type { RouteGroup } from './route-group.ts'
import type { Route } from './route.ts'
import type { RoutingTable } from './routing-table.ts'
import type { Sandbox } from './sandbox.ts'

export const GROUP = 'sidetrack.dev'
export const VERSION = 'v1alpha1'

export const SANDBOXES: Resource<Sandbox> = own('Sandbox', 'sandboxes')
export const ROUTE_GROUPS: Resource<RouteGroup> = own('RouteGroup', 'routegroups')
export const ROUTING_TABLES: Resource<RoutingTable> = own('RoutingTable', 'routingtables')
export const ROUTES: Resource<Route> = own('Route', 'routes')
/** Of the cluster, named like the nodes. */
export const NODE_REPORTS: Resource<NodeReport> = { ...own('NodeReport', 'nodereports'), namespaced: false }

function own(kind: string, plural: string) {
  return { group: GROUP, version: VERSION, plural, kind, namespaced: true } as const
}
