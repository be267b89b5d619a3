// RoutingTable: one per Service whose calls are intercepted; says at which addresses and ports, small and rarely changed.

import type { Protocol } from '../../core/wire.ts'
import type { KubernetesObject } from './meta.ts'

export interface RoutingTable extends KubernetesObject {
  readonly kind: 'RoutingTable'
  readonly spec: RoutingTableSpec
}

export interface RoutingTableSpec {
  /** The Service, in the same namespace. */
  readonly service: string
  /** Every cluster address of the Service, both families; none if it is headless. */
  readonly clusterIPs: readonly string[]
  readonly ports: readonly RoutedPort[]
  /** The Service is headless: the addresses of its endpoints are intercepted in place of cluster addresses. */
  readonly headless?: boolean
}

export interface RoutedPort {
  readonly port: number
  /** The Service's name for it, where it has one; EndpointSlices know the port by it. */
  readonly name?: string
  readonly protocol: Protocol
}
