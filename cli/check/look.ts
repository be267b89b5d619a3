// Reads what a check looks at.

import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  LEASES,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PODS,
  SECRETS,
  type Secret,
} from '../../kubernetes/resources/builtin.ts'
import { DAEMON_SETS } from '../../kubernetes/resources/daemon-set.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { NODE_REPORTS } from '../../kubernetes/resources/sidetrack.ts'
import { seen } from '../explain/look.ts'
import { AGENT, AGENT_PODS, CONTROLLER, SYSTEM_NAMESPACE, WEBHOOK, WEBHOOK_SECRET } from '../install/installation.ts'
import type { ClusterFacts, InstallationFacts } from './facts.ts'
import { missingObjects } from './missing-links.ts'
import { type Right, rightText } from './rights.ts'
import { tryPod } from './trial-pod.ts'

export async function lookAtCluster(
  client: Client,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const cilium = { namespace: 'kube-system', name: 'cilium-config' }
  const [version, nodes, allowed, webhooks, namespaces, config, clocks, leases] = await Promise.all([
    client.read<ClusterFacts['version']>('/version', signal),
    seen(client.list(NODES, {}, signal)),
    Promise.all(rights.map((right) => isAllowed(client, right, signal))),
    seen(client.list(MUTATING_WEBHOOK_CONFIGURATIONS, {}, signal)),
    seen(client.list(NAMESPACES, {}, signal)),
    seen(client.find(CONFIG_MAPS, cilium, signal).then((found) => found ?? null)),
    lookAtClock(client, signal),
    seen(client.list(LEASES, { namespace: 'kube-node-lease' }, signal)),
  ])
  return {
    version,
    nodes: nodes?.items,
    missingRights: rights.filter((_, index) => allowed[index] !== true).map(rightText),
    webhooks: webhooks?.items,
    namespaces: namespaces?.items.map(({ metadata }) => metadata.name),
    cilium: config === null ? null : config?.data,
    clocks: { ...clocks, leases: leases?.items, nodes: nodes?.items },
  }
}

const WHO_AM_I: Resource<KubernetesObject> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
}

/** Whoever is somebody may ask who he is; the answer bears the server's time. */
async function lookAtClock(client: Client, signal: AbortSignal) {
  const before = Date.now()
  const review = await seen(client.create(WHO_AM_I, { metadata: {} }, signal))
  const server = Date.parse(review?.metadata.creationTimestamp ?? '')
  return { server: Number.isNaN(server) ? undefined : server, here: (before + Date.now()) / 2 }
}

/** `namespace` is where a trial pod is asked for, `objects` what the installation consists of. */
export async function lookAtInstallation(
  client: Client,
  namespace: string,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<InstallationFacts> {
  const here = { namespace: SYSTEM_NAMESPACE }
  const [controller, webhook, secret, policies, trial, agent, agents, reports, missing] = await Promise.all([
    seen(client.find(DEPLOYMENTS, CONTROLLER, signal).then((found) => found ?? null)),
    seen(client.find(MUTATING_WEBHOOK_CONFIGURATIONS, WEBHOOK, signal).then((found) => found ?? null)),
    seen(client.find(SECRETS, WEBHOOK_SECRET, signal).then((found) => found ?? null)),
    seen(client.list(NETWORK_POLICIES, here, signal)),
    tryPod(client, namespace, signal),
    seen(client.find(DAEMON_SETS, AGENT, signal).then((found) => found ?? null)),
    seen(client.list(PODS, { ...here, labelSelector: AGENT_PODS }, signal)),
    seen(client.list(NODE_REPORTS, {}, signal)).catch(ifUnknown),
    missingObjects(client, objects, signal),
  ])
  return {
    controller,
    webhook,
    certificate: secret === null ? null : certificatesOf(secret),
    policies: policies?.items,
    trial,
    agent,
    agents: agents?.items,
    reports: reports?.items,
    missing,
    now: Date.now(),
  }
}

function certificatesOf(secret: Secret | undefined): string | undefined {
  if (secret === undefined) return undefined
  return Object.entries(secret.data ?? {})
    .filter(([name]) => name.endsWith('.crt'))
    .map(([, data]) => Buffer.from(data, 'base64').toString())
    .join('\n')
}

/** Without the kind there are none of it: that is said elsewhere. */
function ifUnknown(error: unknown): { readonly items: readonly [] } {
  if (error instanceof KubernetesError && error.code === 'ST3011') return { items: [] }
  throw error
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
