// Reads what a check looks at.

import type { Client } from '../../kubernetes/client.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  NODES,
} from '../../kubernetes/resources/builtin.ts'
import { DAEMON_SETS } from '../../kubernetes/resources/daemon-set.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { NODE_REPORTS } from '../../kubernetes/resources/sidetrack.ts'
import { seen } from '../explain/look.ts'
import { AGENT, CONTROLLER, WEBHOOK } from '../install/installation.ts'
import type { ClusterFacts, InstallationFacts } from './facts.ts'
import { type Right, rightText } from './rights.ts'

export async function lookAtCluster(
  client: Client,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const cilium = { namespace: 'kube-system', name: 'cilium-config' }
  const [version, nodes, allowed, webhooks, namespaces, config] = await Promise.all([
    client.read<ClusterFacts['version']>('/version', signal),
    seen(client.list(NODES, {}, signal)),
    Promise.all(rights.map((right) => isAllowed(client, right, signal))),
    seen(client.list(MUTATING_WEBHOOK_CONFIGURATIONS, {}, signal)),
    seen(client.list(NAMESPACES, {}, signal)),
    seen(client.find(CONFIG_MAPS, cilium, signal).then((found) => found ?? null)),
  ])
  return {
    version,
    nodes: nodes?.items,
    missingRights: rights.filter((_, index) => allowed[index] !== true).map(rightText),
    webhooks: webhooks?.items,
    namespaces: namespaces?.items.map(({ metadata }) => metadata.name),
    cilium: config === null ? null : config?.data,
  }
}

export async function lookAtInstallation(client: Client, signal: AbortSignal): Promise<InstallationFacts> {
  const [controller, webhook, agent, reports] = await Promise.all([
    seen(client.find(DEPLOYMENTS, CONTROLLER, signal).then((found) => found ?? null)),
    seen(client.find(MUTATING_WEBHOOK_CONFIGURATIONS, WEBHOOK, signal).then((found) => found ?? null)),
    seen(client.find(DAEMON_SETS, AGENT, signal).then((found) => found ?? null)),
    seen(client.list(NODE_REPORTS, {}, signal)),
  ])
  return { controller, webhook, agent, reports: reports?.items, now: Date.now() }
}

interface AccessReview extends KubernetesObject {
  readonly spec: { readonly resourceAttributes: Omit<Right, 'namespace'> & { readonly namespace?: string | undefined } }
  readonly status?: { readonly allowed: boolean }
}

const REVIEWS: Resource<AccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
}

async function isAllowed(client: Client, right: Right, signal: AbortSignal): Promise<boolean> {
  const review = await client.create(REVIEWS, { metadata: {}, spec: { resourceAttributes: right } }, signal)
  return review.status?.allowed === true
}
