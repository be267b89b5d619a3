// Sandbox: one change under test, made of forks of workloads that live beside it.

import type { Condition, KubernetesObject } from './meta.ts'

export interface Sandbox extends KubernetesObject {
  readonly kind: 'Sandbox'
  readonly spec: SandboxSpec
  readonly status?: SandboxStatus
}

export interface SandboxSpec {
  /** The Sandbox's name if not given. */
  readonly routingKey?: string
  readonly ttl?: {
    /** Go duration of whole units: `8h`, `2h30m`. */
    readonly duration: string
    readonly from?: 'created' | 'updated'
  }
  readonly forks: readonly Fork[]
  /** What a request for a fork that is not ready gets; `fail` if not given. */
  readonly unready?: 'fail' | 'baseline'
}

export interface Fork {
  readonly of: ForkedWorkload
  readonly images?: readonly { readonly container: string; readonly image: string }[]
  readonly env?: readonly ForkEnv[]
  /** Strategic merge patch on the pod template. */
  readonly patch?: {
    readonly metadata?: Readonly<Record<string, unknown>>
    readonly spec?: Readonly<Record<string, unknown>>
  }
  readonly replicas?: number
}

export interface ForkedWorkload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Rollout'
  readonly name: string
}

/** A variable to set (`value` or `valueFrom`) or to take away (`delete`). */
export interface ForkEnv {
  readonly container: string
  readonly name: string
  readonly value?: string
  /** Exactly one of them, as in a pod. */
  readonly valueFrom?: {
    readonly configMapKeyRef?: KeyOf
    readonly secretKeyRef?: KeyOf
    readonly fieldRef?: { readonly apiVersion?: string; readonly fieldPath: string }
    readonly resourceFieldRef?: {
      readonly containerName?: string
      readonly resource: string
      readonly divisor?: string
    }
  }
  readonly delete?: boolean
}

/** A key of a ConfigMap or Secret of the same namespace. */
export interface KeyOf {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

export interface SandboxStatus {
  readonly observedGeneration?: number
  readonly routingKey?: string
  /** When the controller first saw this generation. */
  readonly updatedAt?: string
  readonly expiresAt?: string
  /** Ready, ForksAvailable, RoutesProgrammed, Conflict, Warned. */
  readonly conditions?: readonly Condition[]
  readonly services?: readonly SandboxService[]
  /** The resourceVersions of its newest Route and RoutingTable that are in force on every node. */
  readonly programmed?: Programmed
}

export interface Programmed {
  readonly routes: string
  readonly tables: string
}

export interface SandboxService {
  readonly name: string
  readonly fork: string
  readonly ready: boolean
  readonly reason?: string
}
