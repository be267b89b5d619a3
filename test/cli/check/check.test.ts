import t from 'tap'
import { clusterLinks } from '../../../cli/check/cluster-links.ts'
import type { ClusterFacts, InstallationFacts } from '../../../cli/check/facts.ts'
import { installationLinks } from '../../../cli/check/installation-links.ts'
import { rightText, rightsToInstall, rightsToUse } from '../../../cli/check/rights.ts'
import { type Link, linksText } from '../../../cli/explain/link.ts'
import type { MutatingWebhookConfiguration, Node } from '../../../kubernetes/resources/builtin.ts'

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
    agent: AGENTS,
    reports: [report],
    now: Date.parse('2026-01-01T00:01:00Z'),
  }
  t.equal(
    linksText(installationLinks(facts, WELL), (_, sign) => sign),
    `? the controller may not be looked at with your rights
? the webhook configuration may not be looked at with your rights
✓ agents run on 2 of 2 nodes
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
  t.match(installationLinks({ ...facts, agent: missing }, WELL)[2], {
    state: 'broken',
    text: 'agents are missing: 1 of 2 nodes',
  })
  t.match(installationLinks({ ...facts, agent: null }, WELL)[2], { state: 'broken', mend: 'sidetrack install --apply' })
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
