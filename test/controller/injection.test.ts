import t from 'tap'
import { INJECT, INJECTED, REFUSED } from '../../core/annotations.ts'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import { VERSION } from '../../runtime/version.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { Installation, startBalancer } from '../fixtures/installation.ts'
import { until } from '../fixtures/until.ts'

const RESTRICTED = 'restricted'

/** A pod that a namespace takes which enforces Pod Security `restricted`. */
const pod = (name: string, spec: object = {}, annotations: object = { [INJECT]: 'true' }) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: RESTRICTED, annotations },
  spec: {
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [app('app')],
    ...spec,
  },
})

const app = (name: string, more: object = {}) => ({
  name,
  image: 'app',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  ...more,
})

const names = (each: readonly { readonly name: string }[] | undefined) => (each ?? []).map(({ name }) => name)

t.test('the API server injects pods', { skip: noApiServer() }, async (t) => {
  const balancer = await startBalancer(t)
  const installation = await Installation.create(t, balancer.port)
  const { kubectl } = installation.server
  const replica = await installation.start('one')
  balancer.to(replica)
  await installation.namespace(RESTRICTED, { 'pod-security.kubernetes.io/enforce': 'restricted' })

  /** The pod as the API server made it. Throws if it warns, unless it may. */
  const create = async (object: object, ...options: readonly string[]): Promise<Pod> => {
    const args = ['create', '-f', '-', '-o', 'json', ...options]
    const made: Pod = JSON.parse(await kubectl.run(args, JSON.stringify(object)))
    return made
  }
  const strict = '--warnings-as-errors'

  await t.test('one that asks, where Pod Security restricted is enforced', async (t) => {
    const made = await create(pod('plain', { initContainers: [app('migrate')] }), strict)
    t.strictSame(names(made.spec?.initContainers), ['sidetrack', 'migrate'])
    t.equal(made.metadata.annotations?.[INJECTED], VERSION)
    t.match(made.spec?.initContainers?.[0], {
      image: 'registry.example/sidecar:1',
      restartPolicy: 'Always',
      securityContext: { runAsUser: 1337 },
    })
  })

  await t.test('the app has its API token, the sidecar has none', async (t) => {
    const made = await create(pod('token'), strict)
    const tokens = made.spec?.volumes?.filter(({ projected }) => projected !== undefined).map(({ name }) => name)
    t.equal(tokens?.length, 1)
    t.strictSame(names(made.spec?.containers[0]?.volumeMounts), tokens)
    t.strictSame([...new Set(names(made.spec?.initContainers?.[0]?.volumeMounts))], ['sidetrack'])
  })

  await t.test('one with resources of its own that leave nothing over', async (t) => {
    const resources = { limits: { cpu: '1', memory: '128Mi' }, requests: { cpu: '1', memory: '128Mi' } }
    const made = await create(pod('shared', { resources, containers: [app('app', { resources })] }), strict)
    t.strictSame(made.spec?.initContainers?.[0]?.resources, {})
  })

  await t.test('a dry run, without a trace', async (t) => {
    const made = await create(pod('dry'), strict, '--dry-run=server')
    t.equal(made.metadata.annotations?.[INJECTED], VERSION)
    await t.rejects(kubectl.get(['-n', RESTRICTED, 'pod', 'dry']), /not found/)
  })

  await t.test('one that came out of the cluster and goes in again, once', async (t) => {
    const { spec, metadata } = await create(pod('source'), strict)
    const { nodeName: _, ...rest } = spec ?? { containers: [] }
    const again = await create(pod('copy', rest, metadata.annotations), strict)
    t.strictSame(names(again.spec?.initContainers), ['sidetrack'])
    t.equal(names(again.spec?.volumes).filter((name) => name === 'sidetrack').length, 1)
  })

  const asked = async () =>
    Number(/^sidetrack_webhook_duration_seconds_count (\d+)$/m.exec(await replica.metrics())?.[1])

  await t.test('none that does not ask: the webhook is not even called', async (t) => {
    const before = await asked()
    const made = await create(pod('silent', {}, {}), strict)
    await create(pod('no', {}, { [INJECT]: 'false' }), strict)
    t.strictSame(names(made.spec?.initContainers), [])
    t.equal(await asked(), before)
  })

  await t.test('none in the namespaces of the cluster and of the installation', async (t) => {
    const before = await asked()
    for (const namespace of ['kube-system', 'sidetrack-system']) {
      await installation.serviceAccount(namespace)
      const object = pod('own')
      const made = await create({ ...object, metadata: { ...object.metadata, namespace } }, strict)
      t.equal(made.metadata.annotations?.[INJECTED], undefined)
    }
    t.equal(await asked(), before)
  })

  await t.test('none where something is in the way, which is said to whoever creates it and on the pod', async (t) => {
    const cases: readonly [object, RegExp][] = [
      [pod('uid', { securityContext: { ...pod('').spec.securityContext, runAsUser: 1337 } }), /runs as uid 1337/],
      [pod('port', { containers: [app('app', { ports: [{ containerPort: 15_001 }] })] }), /uses port 15001/],
      [pod('yes', {}, { [INJECT]: 'yes' }), /is "yes"/],
    ]
    for (const [object, reason] of cases) {
      await t.rejects(create(object, strict, '--dry-run=server'), reason)
      const made = await create(object)
      t.match(made.metadata.annotations?.[REFUSED], reason)
      t.equal(made.metadata.annotations?.[INJECTED], undefined)
      t.strictSame(names(made.spec?.initContainers), [])
    }
  })

  await t.test('one as large as the API server takes', async (t) => {
    const env = Array.from({ length: 1000 }, (_, index) => ({ name: `V${index}`, value: 'x'.repeat(1000) }))
    const made = await create(pod('large', { containers: [app('app', { env })] }), strict)
    t.equal(made.metadata.annotations?.[INJECTED], VERSION)
  })

  await t.test('a user of the range that a platform gave to the namespace', async () => {
    const range = 'openshift.io/sa.scc.uid-range=1000680000/10000'
    await kubectl.run(['annotate', 'namespace', RESTRICTED, range])
    await until(async () => {
      const made = await create(pod('range'), '--dry-run=server')
      return made.spec?.initContainers?.[0]?.securityContext?.runAsUser === 1_000_689_999
    })
    await kubectl.run(['annotate', 'namespace', RESTRICTED, 'openshift.io/sa.scc.uid-range-'])
  })
})
