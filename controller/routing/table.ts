// RoutingTables: which Services are routed, and what their tables say.

import type { Labels } from '../../kubernetes/label-selector.ts'
import type { Service } from '../../kubernetes/resources/builtin.ts'
import type { RoutingTableSpec } from '../../kubernetes/resources/routing-table.ts'
import type { Desired } from '../plan/desired.ts'
import { serves } from '../sandbox/forked-service.ts'
import { routedPorts } from './ports.ts'

export interface RoutedBy {
  /** Labels of the pods of the namespace's opted-in workloads. */
  readonly optedIn: readonly Labels[]
  /** Whether a sandbox forks the Service. */
  readonly forked: boolean
}

/**
 * The table of a Service, named like it; undefined if it is not routed. A Service of opted-in pods is routed before anybody forks it: a
 * connection that a client opened earlier would stay with the baseline for as long as it is kept alive.
 */
export function routingTable(service: Service, { optedIn, forked }: RoutedBy): Desired | undefined {
  const { metadata, spec } = service
  const isRouted = forked || optedIn.some((labels) => serves(service, labels))
  const ports = routedPorts(service)
  if (!isRouted || ports.length === 0 || metadata.deletionTimestamp !== undefined) return undefined
  const headless = spec?.clusterIP === 'None'
  const clusterIPs = headless ? [] : (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter((ip) => ip !== '')
  // Its address is on the way.
  if (!headless && clusterIPs.length === 0) return undefined
  const table: RoutingTableSpec = { service: metadata.name, clusterIPs, ports, ...(headless ? { headless } : {}) }
  return {
    kind: 'RoutingTable',
    metadata: {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Service', name: metadata.name, uid: metadata.uid ?? '', controller: true },
      ],
    },
    spec: table,
  }
}
