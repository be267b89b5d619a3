// Faults made on purpose in a world where all is well: each is named as the first broken link, or as a gap, with what to do.

import { execFileSync } from 'node:child_process'
import t from 'tap'
import { explain, explanationText } from '../../../cli/explain/explanation.ts'
import type { World } from '../../../cli/explain/world.ts'
import type { Deployment, MutatingWebhookConfiguration, Pod } from '../../../kubernetes/resources/builtin.ts'
import type { Condition } from '../../../kubernetes/resources/meta.ts'
import type { NodeReport } from '../../../kubernetes/resources/node-report.ts'
import type { Route } from '../../../kubernetes/resources/route.ts'
import type { RoutingTable } from '../../../kubernetes/resources/routing-table.ts'
import type { Sandbox } from '../../../kubernetes/resources/sandbox.ts'
import { deployment, sandbox, service } from '../../fixtures/shop-objects.ts'

const DAY = 86_400_000
const API = 'sidetrack.dev/v1alpha1'
const certificate = execFileSync(
  'openssl',
  [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ca',
    '-keyout',
    '/dev/null',
  ],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
)

/** By when the certificate is valid. */
const NOW = Date.now() + 1000

function condition(type: string, status: Condition['status'], reason: string, message = ''): Condition {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: '2026-01-01T10:00:00Z' }
}

const SERVICES = [{ name: 'cart', fork: 'cart--pr-42', ready: true }]
const AVAILABLE = condition('ForksAvailable', 'True', 'Available')

function made(
  conditions: readonly Condition[],
  services = SERVICES,
  change: Partial<Sandbox['metadata']> = {},
): Sandbox {
  return { ...sandbox({}, change), status: { observedGeneration: 1, conditions, services } }
}

function webhook(bundle: string): MutatingWebhookConfiguration {
  const clientConfig = { caBundle: Buffer.from(bundle).toString('base64') }
  const one = { name: 'pods.sidetrack.dev', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'sidetrack' },
    webhooks: [one],
  }
}

function pod(name: string, annotations: Readonly<Record<string, string>>): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name, annotations } }
}

function report(name: string, status: Partial<NonNullable<NodeReport['status']>> = {}): NodeReport {
  const all = {
    routes: '120',
    tables: '100',
    sidecars: 2,
    bypassing: [],
    observedAt: '2026-01-01T10:00:00Z',
    ...status,
  }
  return { apiVersion: API, kind: 'NodeReport', metadata: { name }, status: all }
}

function route(spec: Partial<Route['spec']> = {}, status: Route['status'] = {}): Route {
  const metadata = { namespace: 'shop', name: 'cart--pr-42', resourceVersion: '110' }
  const all = { table: 'cart', key: 'pr-42', sandbox: 'pr-42', addresses: ['10.0.0.7:8080'], ready: true, ...spec }
  return { apiVersion: API, kind: 'Route', metadata, spec: all, status }
}

const TABLE: RoutingTable = {
  apiVersion: API,
  kind: 'RoutingTable',
  metadata: { namespace: 'shop', name: 'cart', resourceVersion: '90' },
  spec: { service: 'cart', clusterIPs: ['10.96.0.10'], ports: [{ port: 80, protocol: 'http' }] },
}
const CONTROLLER: Deployment = { ...deployment({ name: 'sidetrack-controller' }), status: { availableReplicas: 2 } }
const OPTED_IN = { 'sidetrack.dev/inject': 'true' }
const INJECTED = { ...OPTED_IN, 'sidetrack.dev/injected': '0.1.0' }
const READY = { conditions: [{ type: 'Ready', status: 'True' }] }
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status: READY }
const AGENT: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'sidetrack-agent-1', namespace: 'sidetrack-system' },
  spec: { nodeName: 'node-1', containers: [] },
  status: READY,
}

const WELL: World = {
  sandbox: made([AVAILABLE]),
  namespace: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'sidetrack.dev/sandboxes': 'enabled' } },
  },
  controller: CONTROLLER,
  webhook: webhook(certificate),
  tables: [TABLE],
  routes: [route()],
  workloads: [],
  pods: [pod('web', INJECTED)],
  nodes: [NODE],
  reports: [report('node-1')],
  agents: [AGENT],
  services: [service('cart')],
  now: NOW,
}

t.test('where all is well the chain holds, and the key must have got lost on the way', async (t) => {
  const explanation = explain(WELL)
  t.equal(explanation.broken, undefined)
  t.ok(explanation.links.every(({ state }) => state === 'holds'))
  t.match(
    explanationText(explanation, (_, sign) => sign),
    /✓ Service cart: key pr-42 → 10.0.0.7:8080\n.*The chain holds.*baggage header/s,
  )
})

const BROKEN: readonly [fault: string, change: Partial<World>, text: RegExp, mend: RegExp][] = [
  [
    'no label on the namespace',
    { namespace: { ...NODE, kind: 'Namespace' } },
    /namespace shop does not allow/,
    /kubectl label namespace shop/,
  ],
  ['no controller', { controller: null }, /no controller/, /sidetrack install/],
  [
    'a controller without replicas',
    { controller: { ...CONTROLLER, status: {} } },
    /no replica of the controller/,
    /logs/,
  ],
  ['a controller that does not look', { sandbox: sandbox() }, /has not looked at sandbox shop\/pr-42/, /logs/],
  [
    'a sandbox that is being deleted',
    { sandbox: made([AVAILABLE], SERVICES, { deletionTimestamp: 'x' }) },
    /is being deleted/,
    /create it again/,
  ],
  [
    'a spec that is not valid',
    { sandbox: made([condition('ForksAvailable', 'False', 'Invalid', 'spec.forks[0]: no')]) },
    /cannot be made: Invalid/,
    /correct the field/,
  ],
  [
    'no baseline',
    { sandbox: made([condition('ForksAvailable', 'False', 'BaselineMissing')]) },
    /BaselineMissing/,
    /create the baseline/,
  ],
  [
    'an image that cannot be pulled',
    { sandbox: made([condition('ForksAvailable', 'False', 'ImageNotPulled')]) },
    /not ready: ImageNotPulled/,
    /push the image/,
  ],
  [
    'a container that crashes',
    { sandbox: made([condition('ForksAvailable', 'False', 'Crashing')]) },
    /not ready: Crashing/,
    /logs --previous/,
  ],
  [
    'no node with room',
    { sandbox: made([condition('ForksAvailable', 'False', 'Unschedulable')]) },
    /not ready: Unschedulable/,
    /make room/,
  ],
  [
    'a key that is taken',
    { sandbox: made([AVAILABLE, condition('Conflict', 'True', 'KeyTaken', 'Sandbox old is older')]) },
    /an older sandbox has its key/,
    /choose another key/,
  ],
  ['a Service without a table', { tables: [], services: [] }, /Service cart has no routing table/, /ExternalName/],
  [
    'a Service of TLS only',
    { tables: [], services: [service('cart', { ports: [{ name: 'https', port: 443 }] })] },
    /Service cart has no port that may be plain HTTP/,
    /plain port/,
  ],
  ['a Service without a route', { routes: [] }, /Service cart has no route for key pr-42/, /logs/],
  [
    'a route that waits',
    { routes: [route({ ready: false, reason: 'its pods start' })] },
    /route of Service cart waits/,
    /forks above/,
  ],
  [
    'a route that is refused',
    { routes: [route({}, { conditions: [condition('Accepted', 'False', 'NoPod', 'a loopback address')] })] },
    /route of Service cart is refused/,
    /own fork/,
  ],
  ['no webhook', { webhook: null }, /no webhook/, /sidetrack install/],
  ['a webhook without an authority', { webhook: webhook('') }, /does not trust the webhook/, /logs/],
  ['a webhook whose authority has expired', { now: NOW + 3 * DAY }, /is not valid now/, /rollout restart/],
  [
    'a webhook whose authority is no certificate',
    { webhook: webhook('garbage') },
    /is not valid now/,
    /rollout restart/,
  ],
  [
    'no pod with a sidecar',
    { pods: [], reports: [report('node-1', { sidecars: 0 })] },
    /no pod has a sidecar/,
    /sidetrack enable/,
  ],
  [
    'sidecars without an agent',
    { reports: [report('node-1', { sidecars: 0 })] },
    /no sidecar is connected to an agent/,
    /get pods/,
  ],
  [
    'a node that is behind with routes',
    { reports: [report('node-1', { routes: '99' })] },
    /not in force everywhere/,
    /ds\/sidetrack-agent/,
  ],
  [
    'a node without an agent',
    { nodes: [NODE, { ...NODE, metadata: { name: 'node-2' } }] },
    /1 of 2 nodes have no agent/,
    /nodeSelector/,
  ],
  [
    'a controller that is scaled to 0',
    { controller: { ...deployment({ spec: { replicas: 0 } }), status: {} } },
    /scaled to 0/,
    /scale deploy\/sidetrack-controller/,
  ],
  [
    'a Service that is a mere name',
    { services: [service('cart'), service('old-cart', { type: 'ExternalName', externalName: 'cart.shop.svc' })] },
    /Service old-cart is of type ExternalName/,
    /with a selector/,
  ],
  [
    'a Service without a selector',
    { sandbox: made([AVAILABLE], []), services: [service('cart', { selector: {} })] },
    /Service cart has no selector/,
    /labels of the pods/,
  ],
  [
    'a Service that selects other pods',
    { sandbox: made([AVAILABLE], []), services: [service('cart')] },
    /Service cart does not select the pods of cart/,
    /-o wide/,
  ],
  [
    'what only the controller knows',
    { sandbox: made([AVAILABLE, condition('Ready', 'False', 'NoAgents', 'none')]) },
    /says that it is not ready: NoAgents/,
    /logs/,
  ],
  [
    'a node that is behind with tables',
    { reports: [report('node-1', { tables: '89' })] },
    /not in force everywhere/,
    /ds\/sidetrack-agent/,
  ],
]

for (const [fault, change, text, mend] of BROKEN) {
  t.test(`${fault} is the first broken link`, async (t) => {
    const explanation = explain({ ...WELL, ...change })
    t.match(explanation.broken, { text, mend })
    t.match(
      explanationText(explanation, (_, sign) => sign),
      /\n\nFirst broken link: .*\n→ .*\n$/,
    )
  })
}

const GAPS: readonly [gap: string, change: Partial<World>, text: RegExp, detail?: RegExp][] = [
  ['a fork that no Service has', { sandbox: made([AVAILABLE], []), services: [] }, /no Service belongs to its forks/],
  [
    'a warning of the controller',
    { sandbox: made([AVAILABLE, condition('Warned', 'True', 'SharedClaim', 'claim data')]) },
    /may behave otherwise/,
    /claim data/,
  ],
  [
    'the annotation on the wrong object',
    { workloads: [deployment({ annotations: OPTED_IN, podAnnotations: {} })] },
    /Deployment shop\/cart has sidetrack.dev\/inject on itself/,
  ],
  [
    'a pod that got no sidecar',
    { pods: [pod('web', INJECTED), pod('old', OPTED_IN)] },
    /1 pods ask for a sidecar/,
    /shop\/old: the webhook was not asked/,
  ],
  [
    'a pod that was refused a sidecar',
    { pods: [pod('odd', { ...OPTED_IN, 'sidetrack.dev/not-injected': 'it uses the host network' })] },
    /1 pods ask/,
    /shop\/odd: it uses the host network/,
  ],
  [
    'a node that is down',
    { nodes: [NODE, { ...NODE, metadata: { name: 'node-2' }, status: {} }] },
    /nodes are not ready/,
    /^node-2$/,
  ],
  [
    'a node that reports nothing',
    {
      nodes: [NODE, { ...NODE, metadata: { name: 'node-2' } }],
      agents: [AGENT, { ...AGENT, spec: { nodeName: 'node-2', containers: [] } }],
    },
    /nodes without a report/,
    /^node-2$/,
  ],
  [
    'a workload without a sidecar',
    { workloads: [deployment({ name: 'storefront', podAnnotations: {} }), deployment()] },
    /have no sidecar: calls that they make go to the baseline/,
    /^deployment\/storefront$/,
  ],
  [
    'a port that is declared as TLS',
    { services: [service('cart', { ports: [{ port: 80 }, { name: 'https', port: 443 }] })] },
    /some ports of Service cart are not routed/,
    /^port 443: https$/,
  ],
  [
    'a pod that bypasses',
    {
      reports: [
        report('node-1', {
          bypassing: [
            {
              namespace: 'shop',
              pod: 'web',
              reason: 'OldConnections',
              message: '3 connections',
              since: new Date(NOW - 60_000).toISOString(),
            },
          ],
        }),
      ],
    },
    /go to the baseline for now/,
    /^shop\/web on node-1, for 60s: 3 connections \(OldConnections\)$/,
  ],
]

for (const [gap, change, text, detail] of GAPS) {
  t.test(`${gap} is a gap that is named, and breaks nothing`, async (t) => {
    const { links, broken } = explain({ ...WELL, ...change })
    t.equal(broken, undefined)
    const found = links.filter(({ state }) => state === 'warned')
    t.match(found, [{ text, mend: /./ }])
    if (detail !== undefined) t.match(found[0]?.details[0], detail)
  })
}

t.test('an agent without sidecars is not waited for', async (t) => {
  t.equal(
    explain({ ...WELL, reports: [report('node-1'), report('node-2', { sidecars: 0, routes: '0', tables: '0' })] })
      .broken,
    undefined,
  )
})

t.test('what may not be looked at is said to be so, and breaks nothing', async (t) => {
  const nothing: World = {
    ...WELL,
    namespace: undefined,
    controller: undefined,
    webhook: undefined,
    tables: undefined,
    routes: undefined,
    workloads: undefined,
    pods: undefined,
    nodes: undefined,
    reports: undefined,
    agents: undefined,
    services: undefined,
  }
  const { links, broken } = explain(nothing)
  t.equal(broken, undefined)
  t.equal(links.filter(({ state }) => state === 'unseen').length, 7)
})

t.test('resource versions are compared as numbers', async (t) => {
  const routes = [route(), { ...route(), metadata: { ...route().metadata, resourceVersion: '99' } }]
  t.equal(explain({ ...WELL, routes, reports: [report('node-1', { routes: '110' })] }).broken, undefined)
  t.match(explain({ ...WELL, routes, reports: [report('node-1', { routes: '109' })] }).broken, { text: /not in force/ })
})
