import t from 'tap'
import { INJECT, INJECTED, REFUSED } from '../../../core/annotations.ts'
import { decideInjection } from '../../../controller/webhook/injection.ts'
import type { Container, Pod, PodSpec } from '../../../controller/webhook/pod.ts'
import type { SidecarTemplate } from '../../../controller/webhook/sidecar-container.ts'
import { readConfig } from '../../../runtime/config.ts'
import { VERSION } from '../../../runtime/version.ts'
import { SIDECAR_SETTINGS } from '../../../sidecar/config.ts'
import { applyPatch } from '../../fixtures/json-patch.ts'

const TEMPLATE: SidecarTemplate = {
  image: 'registry.example/sidecar:1',
  carriers: 'baggage:sidetrack',
  requests: { cpu: '10m', memory: '64Mi' },
  limits: { memory: '256Mi' },
}
const UID = 1337

const pod = (spec: PodSpec = {}, annotations: Record<string, string> = { [INJECT]: 'true' }): Pod => ({
  metadata: { name: 'cart', annotations },
  spec: { containers: [{ name: 'app' }], ...spec },
})
const app = (container: Container): Pod => pod({ containers: [{ name: 'app', ...container }] })
const decide = (each: Pod, uid: number | { reason: string } = UID) => decideInjection(each, TEMPLATE, uid)

/** The pod as it is admitted. */
function admitted(each: Pod): Pod {
  const injection = decide(each)
  return 'patch' in injection ? applyPatch(each, injection.patch) : each
}

function reasonOf(each: Pod): string | undefined {
  const injection = decide(each)
  return injection.outcome === 'refused' ? injection.reason : undefined
}

t.test('a pod that asks gets the sidecar as a native sidecar before its other init containers', async (t) => {
  const { spec, metadata } = admitted(pod({ initContainers: [{ name: 'migrate' }], volumes: [{ name: 'data' }] }))
  t.strictSame(
    spec?.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy]),
    [
      ['sidetrack', 'Always'],
      ['migrate', undefined],
    ],
  )
  t.strictSame(
    spec?.containers?.map(({ name }) => name),
    ['app'],
  )
  t.strictSame(
    spec?.volumes?.map(({ name }) => name),
    ['data', 'sidetrack'],
  )
  t.equal(metadata?.annotations?.[INJECTED], VERSION)
})

t.test('a pod without init containers and volumes gets both', async (t) => {
  const { spec } = admitted(pod())
  t.equal(spec?.initContainers?.length, 1)
  t.equal(spec?.volumes?.length, 1)
})

t.test('the sidecar gets no API token, no right, and ends no hook badly', async (t) => {
  const [sidecar] = admitted(pod()).spec?.initContainers ?? []
  t.match(sidecar, {
    image: TEMPLATE.image,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    resources: { requests: TEMPLATE.requests, limits: TEMPLATE.limits },
    lifecycle: { postStart: { exec: { command: [/sh$/, '-c', /; exit 0$/] } } },
  })
  t.match(JSON.stringify(sidecar), '"/var/run/secrets/kubernetes.io/serviceaccount"', 'no room for the token')
})

t.test('the sidecar’s settings are those of its mode; its table is kept in the volume that outlives it', async (t) => {
  const [sidecar] = admitted(pod()).spec?.initContainers ?? []
  const { env, volumeMounts } = sidecar as {
    readonly env: readonly { readonly name: string; readonly value?: string }[]
    readonly volumeMounts: readonly { readonly mountPath: string }[]
  }
  const config = readConfig(SIDECAR_SETTINGS, Object.fromEntries(env.map(({ name, value }) => [name, value])))
  t.match(config, { mode: 'intercept', name: '$(POD_NAMESPACE)/$(POD_NAME)', cache: volumeMounts[0]?.mountPath })
  t.not(config.cache, '')
})

t.test('a pod with resources of its own shares them with the sidecar', async (t) => {
  const [sidecar] = admitted(pod({ resources: { limits: { memory: '128Mi' } } })).spec?.initContainers ?? []
  t.notOk(Object.hasOwn(sidecar ?? {}, 'resources'))
})

t.test('the sidecar runs as the user that the platform gives', async (t) => {
  const injection = decideInjection(pod(), TEMPLATE, 1_000_689_999)
  t.match(injection, { patch: [{ value: [{ securityContext: { runAsUser: 1_000_689_999 } }] }] })
})

const IGNORED: readonly [string, Pod][] = [
  ['without annotations', { metadata: { name: 'cart' }, spec: {} }],
  ['without metadata', {}],
  ['with other annotations', pod({}, { 'example.com/inject': 'true' })],
  ['that opts out', pod({}, { [INJECT]: 'false' })],
]

for (const [name, each] of IGNORED) {
  t.test(`a pod ${name} is let through as it is`, async (t) => {
    t.strictSame(decide(each), { outcome: 'ignored' })
  })
}

const REFUSALS: readonly [string, Pod, RegExp][] = [
  ['on the network of its node', pod({ hostNetwork: true }), /hostNetwork/],
  ['for Windows by its os', pod({ os: { name: 'windows' } }), /Windows/],
  ['for Windows by its node selector', pod({ nodeSelector: { 'kubernetes.io/os': 'windows' } }), /Windows/],
  ['with a container that runs as the sidecar', app({ securityContext: { runAsUser: UID } }), /app runs as uid 1337/],
  ['that runs as the sidecar', pod({ securityContext: { runAsUser: UID } }), /app runs as uid 1337/],
  [
    'with an init container that runs as the sidecar',
    pod({ initContainers: [{ name: 'setup', securityContext: { runAsUser: UID } }] }),
    /setup runs as uid 1337/,
  ],
  ['that declares the port of the redirect', app({ ports: [{ containerPort: 15_001 }] }), /app uses port 15001/],
  ['that declares the port of the agent', app({ ports: [{ containerPort: 15_010 }] }), /app uses port 15010/],
  ['that declares the first inbound port', app({ ports: [{ containerPort: 15_100 }] }), /app uses port 15100/],
  ['that declares the last inbound port', app({ ports: [{ containerPort: 15_131 }] }), /app uses port 15131/],
  ['probed at such a port by HTTP', app({ readinessProbe: { httpGet: { port: 15_001 } } }), /app uses port 15001/],
  ['probed at such a port by TCP', app({ livenessProbe: { tcpSocket: { port: 15_001 } } }), /app uses port 15001/],
  ['probed at such a port by gRPC', app({ startupProbe: { grpc: { port: 15_001 } } }), /app uses port 15001/],
  ['with a container of the name', pod({ containers: [{ name: 'sidetrack' }] }), /a container named sidetrack/],
  ['with an init container of the name', pod({ initContainers: [{ name: 'sidetrack' }] }), /a container named/],
  ['with a volume of the name', pod({ volumes: [{ name: 'sidetrack' }] }), /a volume named sidetrack/],
  ['of a static pod', pod({}, { [INJECT]: 'true', 'kubernetes.io/config.mirror': 'x' }), /static pod/],
  ['that asks by "yes"', pod({}, { [INJECT]: 'yes' }), /is "yes"\. Write "true"/],
  ['that asks by ""', pod({}, { [INJECT]: '' }), /is ""/],
  ['that asks by a book', pod({}, { [INJECT]: 'x'.repeat(10_000) }), /is "x{40}…"/],
]

for (const [name, each, expected] of REFUSALS) {
  t.test(`a pod ${name} gets no sidecar and says why`, async (t) => {
    t.match(reasonOf(each), expected)
    const { spec, metadata } = admitted(each)
    t.strictSame(spec, each.spec, 'the rest is untouched')
    t.match(metadata?.annotations?.[REFUSED], expected)
    t.ok((reasonOf(each) ?? '').length <= 200, 'short enough for a warning')
  })
}

const ACCEPTED: readonly [string, Pod][] = [
  ['whose container overrides the sidecar’s user', pod({ securityContext: { runAsUser: UID }, containers: [other()] })],
  ['that declares such a port for UDP', app({ ports: [{ containerPort: 15_001, protocol: 'UDP' }] })],
  ['that declares the port after the last inbound one', app({ ports: [{ containerPort: 15_132 }] })],
  ['probed at a named port', app({ readinessProbe: { httpGet: { port: 'http' } } })],
  ['that carries the mark but no sidecar', pod({}, { [INJECT]: 'true', [INJECTED]: '0.0.1' })],
]

function other(): Container {
  return { name: 'app', securityContext: { runAsUser: 1000 } }
}

for (const [name, each] of ACCEPTED) {
  t.test(`a pod ${name} gets the sidecar`, async (t) => {
    t.equal(decide(each).outcome, 'injected')
  })
}

t.test('a pod that has its sidecar is let through as it is', async (t) => {
  t.strictSame(decide(admitted(pod())), { outcome: 'unchanged' })
})

t.test('a sidecar of an earlier version stays', async (t) => {
  const older = applyPatch(admitted(pod()), [
    { op: 'add', path: `/metadata/annotations/${INJECTED.replace('/', '~1')}`, value: '0.0.1' },
  ])
  t.strictSame(decide(older), { outcome: 'unchanged' })
})

t.test('a container that a later webhook adds changes nothing', async (t) => {
  const later = applyPatch(admitted(pod()), [
    { op: 'add', path: '/spec/initContainers/0', value: { name: 'vault' } },
    { op: 'add', path: '/spec/containers/-', value: { name: 'proxy' } },
  ])
  t.strictSame(decide(later), { outcome: 'unchanged' })
})

t.test('a container that a later webhook adds and that stands in the way takes the sidecar out again', async (t) => {
  const before = pod({ volumes: [{ name: 'data' }] })
  const blocked = applyPatch(admitted(before), [
    { op: 'add', path: '/spec/initContainers/0', value: { name: 'proxy', securityContext: { runAsUser: UID } } },
    { op: 'add', path: '/spec/volumes/-', value: { name: 'proxy' } },
  ])
  const { spec, metadata } = admitted(blocked)
  t.strictSame(
    spec?.initContainers?.map(({ name }) => name),
    ['proxy'],
  )
  t.strictSame(
    spec?.volumes?.map(({ name }) => name),
    ['data', 'proxy'],
  )
  t.equal(metadata?.annotations?.[INJECTED], undefined)
  t.match(metadata?.annotations?.[REFUSED], /proxy runs as uid 1337/)
  t.strictSame(admitted({ metadata, spec } as Pod), { metadata, spec }, 'and so it stays')
})

t.test('a pod for which the platform has no user gets no sidecar', async (t) => {
  t.match(decide(pod(), { reason: 'none left.' }), { outcome: 'refused', reason: 'none left.' })
})
