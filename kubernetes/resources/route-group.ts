// RouteGroup: a routing key of its own that is made of several sandboxes in an order of precedence.

import type { Condition, KubernetesObject } from './meta.ts'

export interface RouteGroup extends KubernetesObject {
  readonly kind: 'RouteGroup'
  readonly spec: RouteGroupSpec
  readonly status?: RouteGroupStatus
}

export interface RouteGroupSpec {
  /** The RouteGroup's name if not given. */
  readonly routingKey?: string
  /** Sandboxes by label; they come after those that are named, the oldest first. */
  readonly match?: { readonly labels: Readonly<Record<string, string>> }
  /** Sandboxes of the same namespace by name: the first that forks a Service has it. */
  readonly sandboxes?: readonly string[]
}

export interface RouteGroupStatus {
  readonly observedGeneration?: number
  readonly routingKey?: string
  readonly conditions?: readonly Condition[]
  readonly sandboxes?: readonly string[]
}
