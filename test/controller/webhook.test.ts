import { once } from 'node:events'
import t from 'tap'
import { readIdentities, writeIdentities } from '../../controller/certificates/identity.ts'
import { mintIdentity } from '../../controller/certificates/mint.ts'
import { ROTATION_TIMING } from '../../controller/certificates/rotation.ts'
import { startServer } from '../../controller/webhook/server.ts'
import { INJECT, INJECTED, REFUSED } from '../../core/annotations.ts'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { MUTATING_WEBHOOK_CONFIGURATIONS, PODS, SECRETS } from '../../kubernetes/resources/builtin.ts'
import { lineLog } from '../../runtime/line-log.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { createPod, createPods } from '../fixtures/admission-load.ts'
import { Installation, type Replica, startBalancer } from '../fixtures/installation.ts'
import { until } from '../fixtures/until.ts'

const NAMESPACE = 'shop'
/** Seconds in place of weeks. */
const FAST = { lifetimeMs: 12_000, renewalMs: 2000, skewMs: 0, settlingMs: 1000 }

/** How many certificates it served that the API server trusted. */
const served = (replica: Replica) => new Set(replica.log().match(/"identity":"[^"]+","trusted":true/g)).size
const end = async ({ process: child }: Replica, signal: NodeJS.Signals) => {
  child.kill(signal)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

t.test('the webhook', { skip: noApiServer() }, async (t) => {
  const balancer = await startBalancer(t)
  const installation = await Installation.create(t, balancer.port)
  const { kubectl } = installation.server
  const client = new Client(await kubeconfigCredentials({ file: kubectl.kubeconfig }), 'test')
  t.teardown(() => client.close())
  await installation.namespace(NAMESPACE)

  const identities = async () => {
    const secret = await client.get(SECRETS, { namespace: 'sidetrack-system', name: 'sidetrack-webhook' })
    return readIdentities(secret.data ?? {}, ['127.0.0.1'])
  }
  const bundle = async () => {
    const configuration = await client.get(MUTATING_WEBHOOK_CONFIGURATIONS, { name: 'sidetrack' })
    return Buffer.from(configuration.webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString()
  }
  const injects = () => createPod(client, NAMESPACE)

  await t.test('replicas that start at once agree on one certificate', async (t) => {
    const replicas = await Promise.all([installation.start('a'), installation.start('b')])
    t.equal((await identities()).length, 1)
    for (const replica of replicas) {
      balancer.to(replica)
      t.ok(await injects())
    }
    await Promise.all(replicas.map((each) => end(each, 'SIGTERM')))
  })

  await t.test('a replica that ends is missed by no pod', async (t) => {
    // Longer than everything below takes, on a machine that is busy with other tests.
    const old = await installation.start('old', { drain: 8 })
    balancer.to(old)
    const load = createPods(client, NAMESPACE, 4)
    await until(() => load.injected > 20)
    const next = await installation.start('next')
    balancer.to(old, next)
    const before = load.injected
    const ended = end(old, 'SIGTERM')
    await until(() =>
      old.ready().then(
        (ready) => !ready,
        () => true,
      ),
    )
    // As a node that hears late that the replica is not ready.
    await until(() => load.injected > before + 20)
    balancer.to(next)
    await ended
    const after = load.injected
    await until(() => load.injected > after + 20)
    await load.stop()
    t.strictSame({ plain: load.plain, errors: load.errors }, { plain: 0, errors: [] })
    t.equal(old.process.exitCode, 0)
    await end(next, 'SIGTERM')
  })

  await t.test('certificates change under load without a pod that is missed', async (t) => {
    await kubectl.run(['-n', 'sidetrack-system', 'delete', 'secret', 'sidetrack-webhook'])
    const replicas = await Promise.all([installation.start('a', FAST), installation.start('b', FAST)])
    balancer.to(...replicas)
    const load = createPods(client, NAMESPACE, 4)
    await until(() => replicas.every((each) => served(each) >= 4), 60_000)
    await load.stop()
    t.comment(`${load.injected} pods while ${replicas.map(served).join(' and ')} certificates were served`)
    t.strictSame({ plain: load.plain, errors: load.errors }, { plain: 0, errors: [] })
    await Promise.all(replicas.map((each) => end(each, 'SIGTERM')))
  })

  await t.test('a replica that is killed costs no more pods than were just being created', async (t) => {
    const workers = 4
    const replicas = await Promise.all(['a', 'b', 'c', 'd'].map((name) => installation.start(name)))
    const load = createPods(client, NAMESPACE, workers)
    const missed: number[] = []
    // The API server keeps to one replica, which is not always the one that is killed.
    for (const [index, killed] of replicas.slice(0, -1).entries()) {
      balancer.to(...replicas.slice(index))
      const [injected, plain] = [load.injected, load.plain]
      await until(() => load.injected > injected + 20)
      await end(killed, 'SIGKILL')
      // Until the Service knows, calls go on being led there.
      const after = load.injected
      await until(() => load.injected > after + 20)
      missed.push(load.plain - plain)
    }
    await load.stop()
    t.comment(`missed by ${workers} that create pods all the time: ${missed.join(', ')} of ${load.injected}`)
    t.ok(Math.max(...missed) <= workers)
    t.strictSame(load.errors, [])
    await Promise.all(replicas.slice(-1).map((each) => end(each, 'SIGTERM')))
  })

  await t.test('a certificate that has ended is replaced before a replica counts as ready', async (t) => {
    const old = await mintIdentity(['127.0.0.1'], ROTATION_TIMING, Date.now() - ROTATION_TIMING.lifetimeMs)
    const kept = Object.fromEntries((await identities()).flatMap(({ id }) => [[`${id}.crt`, null]]))
    const data = { ...kept, ...writeIdentities([old]) }
    await client.patch(SECRETS, { namespace: 'sidetrack-system', name: 'sidetrack-webhook' }, { data })
    t.strictSame(
      (await identities()).map(({ id }) => id),
      [old.id],
    )
    const late = await installation.start('late')
    balancer.to(late)
    t.ok(await injects())
    const [now, ...others] = await identities()
    t.ok(now !== undefined && now.to > Date.now() && now.id !== old.id)
    t.strictSame(others, [])
    await end(late, 'SIGTERM')
  })

  const replica = await installation.start('one')
  balancer.to(replica)

  await t.test('what others do to its bundle is mended', async (t) => {
    const value = Buffer.from(await bundle()).toString('base64')
    const broken = JSON.stringify([{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }])
    await kubectl.run(['patch', 'mutatingwebhookconfiguration', 'sidetrack', '--type=json', `--patch=${broken}`])
    await until(async () => Buffer.from(await bundle()).toString('base64') === value)
    await until(injects)
    t.pass()
  })

  await t.test('a Secret that was deleted is made anew, with another certificate', async (t) => {
    const [before] = await identities()
    await kubectl.run(['-n', 'sidetrack-system', 'delete', 'secret', 'sidetrack-webhook'])
    await until(() =>
      identities().then(
        ([each]) => each !== undefined && each.id !== before?.id,
        () => false,
      ),
    )
    await until(async () => (await bundle()).trim() === (await identities())[0]?.authority.trim())
    await until(injects)
    t.pass()
  })

  await t.test('a Secret full of what nobody can use is made anew', async (t) => {
    const data = { '2026.crt': 'eA==', '2026.key': 'eA==', other: 'eA==' }
    await client.patch(SECRETS, { namespace: 'sidetrack-system', name: 'sidetrack-webhook' }, { data })
    const emptied = Object.fromEntries((await identities()).flatMap(({ id }) => [[`${id}.crt`, null]]))
    await client.patch(SECRETS, { namespace: 'sidetrack-system', name: 'sidetrack-webhook' }, { data: emptied })
    await until(async () => (await identities()).length === 1)
    await until(injects)
    t.pass()
  })

  await t.test('a later webhook’s containers are taken into account', async (t) => {
    const identity = await mintIdentity(['127.0.0.1'], ROTATION_TIMING, Date.now())
    let container: object = {}
    const later = await startServer({ host: '127.0.0.1', port: 0 }, identity, {
      inject: () => ({ outcome: 'injected', patch: [{ op: 'add', path: '/spec/containers/-', value: container }] }),
      log: lineLog('error', {}, () => {}),
      answered() {},
      handshakeFailed() {},
    })
    const own = await client.get(MUTATING_WEBHOOK_CONFIGURATIONS, { name: 'sidetrack' })
    const caBundle = Buffer.from(identity.authority).toString('base64')
    const [like] = own.webhooks ?? []
    if (like === undefined) throw new Error('the configuration has no webhook')
    const webhook = {
      ...like,
      name: 'later.example.com',
      reinvocationPolicy: 'Never',
      clientConfig: { url: `https://${later.address}/inject`, caBundle },
    }
    await client.create(MUTATING_WEBHOOK_CONFIGURATIONS, { metadata: { name: 'zz-later' }, webhooks: [webhook] })
    const create = async () => {
      const metadata = { generateName: 'later-', namespace: NAMESPACE, annotations: { [INJECT]: 'true' } }
      return client.create(PODS, { metadata, spec: { containers: [{ name: 'app', image: 'app' }] } })
    }
    const called = async () => {
      const made = await create()
      return (made.spec?.containers.length ?? 0) > 1 ? made : undefined
    }
    container = { name: 'proxy', image: 'proxy' }
    await until(async () => (await called()) !== undefined)
    const harmless = await create()
    t.match(harmless.metadata.annotations, { [INJECTED]: /./ })
    t.strictSame(
      harmless.spec?.initContainers?.map(({ name }) => name),
      ['sidetrack'],
    )
    container = { name: 'proxy', image: 'proxy', securityContext: { runAsUser: 1337 } }
    const blocked = await create()
    t.match(blocked.metadata.annotations, { [REFUSED]: /proxy runs as uid 1337/ })
    t.equal(blocked.metadata.annotations?.[INJECTED], undefined)
    t.strictSame(blocked.spec?.initContainers ?? [], [])
    await client.delete(MUTATING_WEBHOOK_CONFIGURATIONS, { name: 'zz-later' })
    await until(async () => (await called()) === undefined)
    await later.close()
  })

  await t.test('pods are created while it hangs, after its five seconds', async (t) => {
    t.ok(await injects())
    replica.process.kill('SIGSTOP')
    const start = performance.now()
    t.notOk(await injects())
    t.ok(performance.now() - start < 8000, 'within five seconds and some')
    replica.process.kill('SIGCONT')
    await until(injects)
  })

  await t.test('pods are created at once while it is dead', async (t) => {
    const load = createPods(client, NAMESPACE, 2)
    await until(() => load.injected > 20)
    await end(replica, 'SIGKILL')
    const before = load.plain
    await until(() => load.plain > before + 20)
    balancer.to()
    await until(() => load.plain > before + 40)
    balancer.to(await installation.start('again'))
    const after = load.injected
    await until(() => load.injected > after + 20)
    await load.stop()
    t.strictSame(load.errors, [])
    t.ok(Math.max(...load.times) < 4000, 'none waited for the timeout')
    const sorted = load.times.toSorted((a, b) => a - b)
    t.comment(`creation of a pod: p99 ${sorted[Math.floor(sorted.length * 0.99)]?.toFixed(1)} ms`)
  })
})
