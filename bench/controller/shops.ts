// Namespaces full of workloads with Services, and sandboxes of them.

import type { Client } from '../../kubernetes/client.ts'
import { DEPLOYMENTS, NAMESPACES, NODES, PODS, SERVICES } from '../../kubernetes/resources/builtin.ts'
import type { SandboxSpec } from '../../kubernetes/resources/sandbox.ts'
import { NODE_REPORTS, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'

export const NAMESPACE_COUNT = 10
export const SERVICES_EACH = 20
const AT_ONCE = 8
/** Later than every resourceVersion that there will be: everything is in force at once. */
const FAR = '999999999999'

const shop = (index: number) => `shop-${index % NAMESPACE_COUNT}`
const workload = (index: number) => `service-${Math.floor(index / NAMESPACE_COUNT) % SERVICES_EACH}`

/** The sandbox of this number: `namespace`, `name`, the fork's name and that of its route. */
export function sandboxNames(index: number) {
  const name = `pr-${index}`
  return {
    namespace: shop(index),
    name,
    fork: `${workload(index)}--${name}`,
    route: `${workload(index)}.80.sandbox.${name}`,
  }
}

/** One ready node with an agent, and every namespace with its workloads. */
export async function makeShops(client: Client): Promise<void> {
  const now = new Date().toISOString()
  await client.create(NODES, { metadata: { name: 'node-a' } })
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: now }
  await client.applyStatus(NODES, { metadata: { name: 'node-a' }, status: { conditions: [ready] } })
  await serviceAccount(client, 'sidetrack-system')
  await client.create(PODS, {
    metadata: {
      namespace: 'sidetrack-system',
      name: 'agent-a',
      labels: { 'app.kubernetes.io/name': 'sidetrack', 'app.kubernetes.io/component': 'agent' },
    },
    spec: { nodeName: 'node-a', containers: [{ name: 'agent', image: 'agent' }] },
  })
  await client.create(NODE_REPORTS, { metadata: { name: 'node-a' } })
  const status = { routes: FAR, tables: FAR, sidecars: 20, bypassing: [], observedAt: now }
  await client.applyStatus(NODE_REPORTS, { metadata: { name: 'node-a' }, status })
  for (let index = 0; index < NAMESPACE_COUNT; index++) {
    const labels = { 'sidetrack.dev/sandboxes': 'enabled' }
    await client.create(NAMESPACES, { metadata: { name: shop(index), labels } })
    await serviceAccount(client, shop(index))
  }
  await each(NAMESPACE_COUNT * SERVICES_EACH, (index) => makeWorkload(client, shop(index), workload(index)))
}

export async function makeSandboxes(client: Client, from: number, to: number, signal: AbortSignal): Promise<void> {
  await each(to - from, async (offset) => {
    signal.throwIfAborted()
    await makeSandbox(client, from + offset)
  })
}

export async function makeSandbox(client: Client, index: number): Promise<void> {
  const { namespace, name } = sandboxNames(index)
  await client.create(SANDBOXES, { metadata: { namespace, name }, spec: sandboxSpec(index) })
}

export async function changeImage(client: Client, index: number, image: string): Promise<void> {
  const { namespace, name } = sandboxNames(index)
  await client.patch(SANDBOXES, { namespace, name }, { spec: sandboxSpec(index, image) })
}

export function sandboxSpec(index: number, image = `registry.example/app:pr-${index}`): SandboxSpec {
  return { forks: [{ of: { kind: 'Deployment', name: workload(index) }, images: [{ container: 'app', image }] }] }
}

export async function each(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < count) await act(next++)
    }),
  )
}

/** The kind of Deployment that shops have: probes, resources, some variables, a volume. */
async function makeWorkload(client: Client, namespace: string, name: string): Promise<void> {
  const labels = { app: name, 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'shop', team: 'shop' }
  const env = Array.from({ length: 12 }, (_, index) => ({
    name: `SETTING_${index}`,
    value: `value-${index}-of-${name}`,
  }))
  const probe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 }
  const container = {
    name: 'app',
    image: 'registry.example/app:1',
    ports: [{ name: 'http', containerPort: 8080 }],
    env,
    envFrom: [{ configMapRef: { name } }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    readinessProbe: probe,
    livenessProbe: probe,
    volumeMounts: [{ name: 'config', mountPath: '/etc/app' }],
  }
  const annotations = { 'sidetrack.dev/inject': 'true' }
  const volumes = [{ name: 'config', configMap: { name } }]
  await client.create(DEPLOYMENTS, {
    metadata: { namespace, name, labels },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels, annotations }, spec: { containers: [container], volumes } },
    },
  })
  await client.create(SERVICES, {
    metadata: { namespace, name, labels },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  })
}

async function serviceAccount(client: Client, namespace: string): Promise<void> {
  await client.create(SERVICE_ACCOUNTS, { metadata: { namespace, name: 'default' } })
}

const SERVICE_ACCOUNTS = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
}
