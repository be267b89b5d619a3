// NodeReport: what one node's agent has in force in all of its sidecars; named like the node, written by nobody else.

import type { KubernetesObject } from './meta.ts'

export interface NodeReport extends KubernetesObject {
  readonly kind: 'NodeReport'
  readonly status?: NodeReportStatus
}

export interface NodeReportStatus {
  /** The highest resourceVersion of a Route, and of a RoutingTable, up to which every sidecar of the node has everything in force. */
  readonly routes: string
  readonly tables: string
  /** Sidecars that are connected. */
  readonly sidecars: number
  /** Pods that should be redirected and are not. */
  readonly bypassing: readonly BypassingPod[]
  readonly observedAt: string
}

export interface BypassingPod {
  readonly namespace: string
  readonly pod: string
  /** CamelCase: `NoSidecar`, `SidecarDown`, `NotRedirected`, `OldConnections`. */
  readonly reason: string
  readonly message: string
  readonly since: string
}
