import { execFileSync } from 'node:child_process'
import t from 'tap'
import { clockLinks } from '../../../cli/check/clock-links.ts'
import { clusterLinks } from '../../../cli/check/cluster-links.ts'
import type { ClusterFacts, InstallationFacts } from '../../../cli/check/facts.ts'
import { installationLinks } from '../../../cli/check/installation-links.ts'
import { missingLinks } from '../../../cli/check/missing-links.ts'
import { rightText, rightsToInstall, rightsToUse } from '../../../cli/check/rights.ts'
import { webhookLinks } from '../../../cli/check/webhook-links.ts'
import { type Link, linksText } from '../../../cli/explain/link.ts'
import type { MutatingWebhookConfiguration, Node } from '../../../kubernetes/resources/builtin.ts'
import { policy } from '../../fixtures/shop-objects.ts'

function node(name: string, kubeletVersion: string, operatingSystem = 'linux'): Node {
  const info = {
    kubeletVersion,
    operatingSystem,
    kernelVersion: '6.1.0',
    architecture: 'amd64',
    bootID: '',
    containerRuntimeVersion: '',
    kubeProxyVersion: '',
    machineID: '',
    osImage: '',
    systemUUID: '',
  }
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { nodeInfo: info } }
}

function webhooks(name: string, webhook: string): MutatingWebhookConfiguration {
  const one = { name: webhook, admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: {} }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [one],
  }
}

const WELL: ClusterFacts = {
  version: { major: '1', minor: '33+' },
  nodes: [node('node-1', 'v1.33.1'), node('node-2', 'v1.34.0+k3s1')],
  missingRights: [],
  webhooks: [webhooks('sidetrack', 'pods.sidetrack.dev'), webhooks('other', 'pods.other.example')],
  namespaces: ['default', 'shop'],
  cilium: null,
  clocks: { server: 1_000_000, here: 1_000_900, leases: [], nodes: [] },
}

const AGENTS: NonNullable<InstallationFacts['agent']> = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'sidetrack-agent', generation: 2 },
  status: {
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
    numberReady: 2,
  },
}

const states = (links: readonly Link[]) => new Set(links.map(({ state }) => state))

t.test('a cluster in which all is well', async (t) => {
  t.same(states(clusterLinks(WELL)), new Set(['holds']))
})

const CASES: readonly [
  fault: string,
  change: Partial<ClusterFacts>,
  state: Link['state'],
  text: RegExp,
  detail?: RegExp,
][] = [
  ['an old API server', { version: { major: '1', minor: '32' } }, 'broken', /Kubernetes 1.32, older than 1.33/],
  [
    'an old kubelet',
    { nodes: [node('old', 'v1.32.9')] },
    'broken',
    /too old for native sidecars/,
    /^old: kubelet v1.32.9$/,
  ],
  [
    'a kubelet that says nothing',
    { nodes: [{ ...node('odd', ''), status: {} }] },
    'broken',
    /too old/,
    /^odd: kubelet unknown$/,
  ],
  ['a node with Windows', { nodes: [node('a', 'v1.33.0'), node('b', 'v1.33.0', 'windows')] }, 'warned', /run Windows/],
  [
    'rights that are missing',
    { missingRights: ['create sandboxes.sidetrack.dev'] },
    'broken',
    /rights are missing/,
    /^create sandboxes/,
  ],
  [
    'a second installation',
    { webhooks: [webhooks('mine', 'pods.sidetrack.dev')] },
    'broken',
    /second installation/,
    /^mine$/,
  ],
  ['Istio', { namespaces: ['istio-system'] }, 'warned', /Istio is in the cluster/],
  ['Linkerd', { namespaces: ['linkerd'] }, 'warned', /Linkerd is in the cluster/],
  [
    "Cilium's socket load balancing",
    { cilium: { 'kube-proxy-replacement': 'true' } },
    'warned',
    /socket load balancing/,
  ],
  [
    'an old kernel',
    {
      nodes: [
        {
          ...node('old', 'v1.33.0'),
          status: { nodeInfo: { ...node('', 'v1.33.0').status!.nodeInfo!, kernelVersion: '4.18.0-80.el8' } },
        },
      ],
    },
    'broken',
    /kernels are too old/,
    /^old: Linux 4.18.0/,
  ],
  ['nodes that may not be seen', { nodes: undefined }, 'unseen', /nodes may not be looked at/],
]

for (const [fault, change, state, text, detail] of CASES) {
  t.test(`${fault}: ${state}`, async (t) => {
    const found = clusterLinks({ ...WELL, ...change }).filter((link) => link.state !== 'holds')
    t.match(found, [{ state, text }])
    t.equal(found.length, 1)
    if (detail !== undefined) t.match(found[0]?.details[0], detail)
  })
}

t.test("Cilium that leaves pods' calls alone is well", async (t) => {
  const cilium = { 'kube-proxy-replacement': 'true', 'bpf-lb-sock-hostns-only': 'true' }
  t.same(states(clusterLinks({ ...WELL, cilium })), new Set(['holds']))
})

t.test('an installation: agents that are missing, nodes that are silent, pods that bypass', async (t) => {
  const bypassing = [
    { namespace: 'shop', pod: 'web', reason: 'SidecarDown', message: 'gone', since: '2026-01-01T00:00:00Z' },
  ]
  const status = { routes: '1', tables: '1', sidecars: 3, observedAt: '2026-01-01T00:00:00Z', bypassing }
  const report = {
    apiVersion: 'sidetrack.dev/v1alpha1',
    kind: 'NodeReport',
    metadata: { name: 'node-1' },
    status,
  } as const
  const facts: InstallationFacts = {
    controller: undefined,
    webhook: undefined,
    certificate: undefined,
    policies: undefined,
    trial: { came: 'sidecar' },
    agent: AGENTS,
    agents: undefined,
    missing: [],
    reports: [report],
    now: Date.parse('2026-01-01T00:01:00Z'),
  }
  t.equal(
    linksText(installationLinks(facts, WELL), (_, sign) => sign),
    `✓ every object of the installation is there
? the controller may not be looked at with your rights
? the webhook configuration may not be looked at with your rights
✓ a trial pod that asks for a sidecar gets one
✓ agents of one version run on 2 of 2 nodes
? the agents on the nodes may not be looked at with your rights
✓ 1 nodes report 3 sidecars
! nodes without a report
    node-2
    → see whether their agents run
! pods whose calls are not redirected for now
    shop/web on node-1, for 60s: gone
    → do what each line says
`,
  )
  const missing = { ...AGENTS, status: { ...AGENTS.status, numberAvailable: 1 } as NonNullable<typeof AGENTS.status> }
  const links = (change: Partial<InstallationFacts>) => installationLinks({ ...facts, ...change }, WELL)
  t.ok(links({ agent: missing }).some(({ state, text }) => state === 'warned' && text.endsWith('1 of 2 nodes')))
  t.ok(links({ agent: null }).some(({ state, mend }) => state === 'broken' && mend === 'sidetrack install --apply'))
})

const CERTIFICATE = execFileSync(
  'openssl',
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=w -keyout /dev/null'.split(' '),
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
)
const TRUSTED: MutatingWebhookConfiguration = {
  ...webhooks('sidetrack', 'pods.sidetrack.dev'),
  webhooks: (webhooks('sidetrack', 'pods.sidetrack.dev').webhooks ?? []).map((each) =>
    Object.assign(each, { clientConfig: { caBundle: Buffer.from(CERTIFICATE).toString('base64') } }),
  ),
}
const ASKED: Parameters<typeof webhookLinks>[0] = {
  webhook: TRUSTED,
  certificate: CERTIFICATE,
  policies: [],
  trial: { came: 'sidecar' },
  now: Date.now() + 1000,
}

t.test('new pods get their sidecar, or the first thing that is in the way is named', async (t) => {
  t.same(states(webhookLinks(ASKED)), new Set(['holds']))
  const faults: readonly [Partial<typeof ASKED>, Link['state'], RegExp][] = [
    [{ certificate: null }, 'broken', /has no certificate/],
    [{ certificate: 'garbage' }, 'broken', /is unreadable/],
    [{ now: Date.now() + 3 * 86_400_000 }, 'broken', /certificate authority is not valid now/],
    [{ policies: [policy('deny', { podSelector: {} }, 'sidetrack-system')] }, 'warned', /NetworkPolicies stand before/],
    [{ trial: { came: 'none', refusal: undefined } }, 'broken', /does not reach the webhook/],
    [{ trial: { came: 'none', refusal: 'no user left.' } }, 'broken', /was refused its sidecar: no user left/],
    [{ trial: { came: 'error', why: 'no right' } }, 'unseen', /whether a trial pod gets/],
  ]
  for (const [change, state, text] of faults)
    t.match(
      webhookLinks({ ...ASKED, ...change }).find((link) => link.state !== 'holds'),
      { state, text },
    )
})

t.test('clocks: this machine, nodes ahead and behind, nodes that are down', async (t) => {
  const server = Date.parse('2026-01-01T12:00:00Z')
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
  const at = (renewTime: string, status: object = ready) =>
    clockLinks({
      server,
      here: server,
      leases: [{ apiVersion: 'v1', kind: 'Lease', metadata: { name: 'n' }, spec: { renewTime } }],
      nodes: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status }],
    })[0]
  t.match(at('2026-01-01T11:59:55.000000Z'), { state: 'holds' })
  t.match(at('2026-01-01T12:05:00.000000Z'), { state: 'warned', details: [/^n: 5m ahead of the API server's$/] })
  t.match(at('2026-01-01T11:50:00.000000Z'), { state: 'warned', details: [/^n: at least 9m20s behind/] })
  t.match(at('2026-01-01T11:50:00.000000Z', {}), { state: 'holds' })
  t.match(clockLinks({ server, here: server + 600_000, leases: undefined, nodes: undefined }), [
    { state: 'warned', text: /this machine is 10m ahead of/, mend: /timedatectl/ },
  ])
  t.same(clockLinks({ server: undefined, here: 0, leases: [], nodes: [] }), [])
})

t.test('objects that are missing are named', async (t) => {
  t.match(missingLinks(['ClusterRole sidetrack-agent']), [
    { state: 'broken', details: ['ClusterRole sidetrack-agent'] },
  ])
  t.same(missingLinks(undefined), [])
})

function of(kind: string, metadata: { name: string; namespace?: string }) {
  return { apiVersion: 'apps/v1', kind, metadata }
}

t.test('rights are asked for once each, in the namespace of the objects', async (t) => {
  const objects = [
    of('Deployment', { name: 'a', namespace: 's' }),
    of('Deployment', { name: 'b', namespace: 's' }),
    of('DaemonSet', { name: 'c' }),
  ]
  t.same(rightsToInstall(objects).map(rightText), [
    'get deployments.apps in namespace s',
    'create deployments.apps in namespace s',
    'patch deployments.apps in namespace s',
    'get daemonsets.apps',
    'create daemonsets.apps',
    'patch daemonsets.apps',
  ])
  t.ok(rightsToUse('shop').map(rightText).includes('create sandboxes.sidetrack.dev in namespace shop'))
})
