// What a check looks at, as it was read from the API server.

import type { DaemonSet } from '../../kubernetes/resources/daemon-set.ts'
import type {
  Deployment,
  MutatingWebhookConfiguration,
  NetworkPolicy,
  Node,
  Pod,
} from '../../kubernetes/resources/builtin.ts'
import type { NodeReport } from '../../kubernetes/resources/node-report.ts'
import type { Seen, SeenObject } from '../explain/world.ts'
import type { ClockFacts } from './clock-links.ts'
import type { Trial } from './trial-pod.ts'

/** What every installation needs, and what is asked before there is one. */
export interface ClusterFacts {
  /** Of the API server: `1`, `33+`. */
  readonly version: { readonly major: string; readonly minor: string }
  readonly nodes: Seen<readonly Node[]>
  /** Those that are asked for and not had: `create clusterroles.rbac.authorization.k8s.io`. */
  readonly missingRights: readonly string[]
  readonly webhooks: Seen<readonly MutatingWebhookConfiguration[]>
  /** Names of all namespaces. */
  readonly namespaces: Seen<readonly string[]>
  /** The data of Cilium's ConfigMap; null without Cilium. */
  readonly cilium: SeenObject<Readonly<Record<string, string>>>
  readonly clocks: ClockFacts
}

export interface InstallationFacts {
  readonly controller: SeenObject<Deployment>
  readonly webhook: SeenObject<MutatingWebhookConfiguration>
  /** The PEM text of what the webhook shows; null if there is none. */
  readonly certificate: SeenObject<string>
  /** Of the installation's own namespace. */
  readonly policies: Seen<readonly NetworkPolicy[]>
  readonly trial: Trial
  readonly agent: SeenObject<DaemonSet>
  /** The agents' pods. */
  readonly agents: Seen<readonly Pod[]>
  readonly reports: Seen<readonly NodeReport[]>
  /** Objects that are not there and should be: `ClusterRole sidetrack-agent`. */
  readonly missing: Seen<readonly string[]>
  /** Milliseconds since 1970. */
  readonly now: number
}
