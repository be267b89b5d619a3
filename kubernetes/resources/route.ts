// Route: where requests with one routing key go for one Service; a change of a sandbox is one small object.

import type { Condition, KubernetesObject } from './meta.ts'

export interface Route extends KubernetesObject {
  readonly kind: 'Route'
  readonly spec: RouteSpec
  readonly status?: RouteStatus
}

export interface RouteSpec {
  /** The RoutingTable, in the same namespace. */
  readonly table: string
  readonly key: string
  /** The Sandbox that it is part of, in the same namespace; none if a person wrote it. */
  readonly sandbox?: string
  /** The Service's port that it holds for; every port of the table if not given. */
  readonly port?: number
  /** The fork's ready pods and their target port: `10.88.1.7:8080`, `[fd00::7]:8080`. */
  readonly addresses?: readonly string[]
  /** True if not given. */
  readonly ready?: boolean
  /** Why it is not ready, in plain words. */
  readonly reason?: string
  /** What a request gets while it is not ready: 503 (`fail`, if not given) or the baseline. */
  readonly unready?: 'fail' | 'baseline'
}

export interface RouteStatus {
  /** `Accepted`: of a Route that no Sandbox or RouteGroup owns, which is in force only as it was accepted. */
  readonly conditions?: readonly Condition[]
}
