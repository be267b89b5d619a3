// Everything that an explanation looks at, as it was read from the API server.

import type {
  Deployment,
  MutatingWebhookConfiguration,
  Namespace,
  Node,
  Pod,
  Service,
} from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../kubernetes/resources/routing-table.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'

/** Undefined: whoever asks may not look at it. */
export type Seen<T> = T | undefined

/** Null: there is none. */
export type SeenObject<T> = T | null | undefined

export interface World {
  readonly sandbox: Sandbox
  readonly namespace: SeenObject<Namespace>
  readonly controller: SeenObject<Deployment>
  readonly webhook: SeenObject<MutatingWebhookConfiguration>
  /** Of the sandbox's namespace. */
  readonly tables: Seen<readonly RoutingTable[]>
  readonly routes: Seen<readonly Route[]>
  /** Workloads of the sandbox's namespace that may be opted in. */
  readonly workloads: Seen<readonly Workload[]>
  /** Of all namespaces: those that are opted in. */
  readonly pods: Seen<readonly Pod[]>
  readonly nodes: Seen<readonly Node[]>
  readonly reports: Seen<readonly NodeReport[]>
  /** The agents' pods. */
  readonly agents: Seen<readonly Pod[]>
  /** Of the sandbox's namespace. */
  readonly services: Seen<readonly Service[]>
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Workload extends KubernetesObject {
  readonly spec?: {
    readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } }
  }
}
