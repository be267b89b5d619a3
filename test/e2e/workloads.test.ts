// What runs on a cluster beside Deployments, in a namespace that enforces Pod Security `restricted`: each works with a sidecar as it did
// without, and is routed where it can be.

import { test } from 'tap'
import type { SidecarState } from '../../core/wire.ts'
import { buildPostgres, POSTGRES } from '../cluster/images.ts'
import { eventually } from './stage/api.ts'
import { errand, Ledger } from './ledger/ledger.ts'
import { INJECTED, service, template, workload } from './stage/objects.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'
import type { Pod } from '../../kubernetes/resources/builtin.ts'

/** What an agent knows of its node's sidecars. */
const SIDECARS = 'http://127.0.0.1:15020/sidecars'
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' }
const DUAL_STACK = { selector: { app: 'catalog' }, ipFamilyPolicy: 'RequireDualStack' }
const KEY = 'pr-42'
/** Prints the variant that answers. */
const ASK = `fetch(process.argv[1], { headers: { baggage: 'sidetrack=${KEY}' } }).then((r) => r.json()).then((a) => console.log(a.variant))`
/** More than one segment, and than a sidecar looks at. */
const QUERY = `select length(repeat('x', 1000000)), host(inet_client_addr())`

test('with a sidecar', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { cluster, kubectl, nodes } = stage
  const namespace = await useNamespace(t, kubectl, 'workloads', RESTRICTED)
  const here = `--namespace=${namespace}`
  const run = (...args: readonly string[]) => kubectl.run([here, ...args])
  const ledgerOf = (name: string, annotations: Readonly<Record<string, string>>) =>
    Ledger.start(t, stage, { namespace, name, node: nodes[1], annotations })
  const inbound = { ...INJECTED, 'sidetrack.dev/inbound': 'true' }
  await kubectl.apply(
    workload(
      'StatefulSet',
      namespace,
      { app: 'catalog', args: ['catalog.mjs'], env: { HOST: '::' }, ready: '/healthz', annotations: INJECTED },
      {
        serviceName: 'catalog',
        replicas: 2,
        podManagementPolicy: 'Parallel',
      },
    ),
    service(namespace, 'catalog', { name: 'http', port: 8080 }, { clusterIP: 'None' }),
    workload('Deployment', namespace, {
      app: 'pricing',
      args: ['pricing.mjs'],
      ready: '/healthz',
      annotations: inbound,
    }),
    service(namespace, 'pricing', { name: 'http', port: 80, targetPort: 8080 }),
    service(namespace, 'both', { name: 'http', port: 80, targetPort: 8080 }, DUAL_STACK),
    service(namespace, 'postgres', { name: 'sql', port: 5432 }),
    service(namespace, 'unusual', { port: 80, targetPort: 5432 }, { selector: { app: 'postgres' } }),
  )
  await cluster.load(await buildPostgres())
  await kubectl.apply(
    workload('Deployment', namespace, { app: 'postgres', image: POSTGRES.tag, annotations: INJECTED }),
  )
  for (const each of ['statefulset/catalog', 'deployment/pricing', 'deployment/postgres']) {
    await run('rollout', 'status', each, '--timeout=120s')
  }
  const shop = new Shop(stage, namespace)
  const forks = await Promise.all(['catalog', 'pricing'].map((name) => shop.fork(name, KEY)))
  await shop.intercept('catalog', 'pricing', 'both', 'postgres', 'unusual')
  await shop.route('catalog', KEY, forks[0] ?? '')
  await shop.route('pricing', KEY, forks[1] ?? '')
  await shop.route('both', KEY, forks[0] ?? '')
  await shop.programmed()
  const client = await ledgerOf('client', INJECTED)

  await t.test('a Job completes, and its calls are routed', async (t) => {
    const job = template({
      app: 'job',
      command: ['node', '-e', ASK, 'http://pricing/prices'],
      annotations: INJECTED,
      spec: { restartPolicy: 'Never' },
    })
    await kubectl.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job', namespace },
      spec: { template: job, backoffLimit: 0 },
    })
    await run('wait', '--for=condition=Complete', 'job/job', '--timeout=60s')
    t.equal((await run('logs', 'job/job', '--container=job')).trim(), KEY)
  })

  await t.test(
    'the pods of a StatefulSet are routed by their own names and by that of their headless Service',
    async (t) => {
      for (const host of ['catalog', 'catalog-0.catalog', 'catalog-1.catalog']) {
        for (const variant of [KEY, 'baseline']) {
          const key = variant === KEY ? KEY : undefined
          const url = `http://${host}:8080/products`
          t.ok(await client.tries({ ...errand('catalog', key, { catalog: [variant] }), url }), `${host} ${variant}`)
        }
      }
    },
  )

  await t.test('a Service of both address families is routed at either address', async (t) => {
    const { spec } = await kubectl.get<{ spec: { clusterIPs: readonly string[] } }>([here, 'service', 'both'])
    t.strictSame(
      spec.clusterIPs.map((address) => (address.includes(':') ? 6 : 4)),
      [4, 6],
    )
    for (const address of spec.clusterIPs) {
      for (const variant of [KEY, 'baseline']) {
        const key = variant === KEY ? KEY : undefined
        const url = `http://${address.includes(':') ? `[${address}]` : address}/products`
        t.ok(await client.tries({ ...errand('catalog', key, { catalog: [variant] }), url }), `${address} ${variant}`)
      }
    }
  })

  await t.test('PostgreSQL behind a Service is reached untouched, even where nobody said what it is', async (t) => {
    const pod = template({ app: 'psql', image: POSTGRES.tag, command: ['sleep', 'infinity'], annotations: INJECTED })
    await kubectl.apply({
      ...pod,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...pod.metadata, name: 'psql', namespace },
    })
    await run('wait', '--for=condition=Ready', 'pod/psql', '--timeout=60s')
    const { status } = await kubectl.get<Pod>([here, 'pod', 'psql'])
    for (const [host, port] of [
      ['postgres', 5432],
      ['unusual', 80],
    ]) {
      const url = `postgresql://postgres@${host}:${port}/postgres`
      const psql = [
        'exec',
        'psql',
        '--container=psql',
        '--',
        'psql',
        url,
        '--tuples-only',
        '--no-align',
        '--command',
        QUERY,
      ]
      await eventually(() =>
        run(...psql).then(
          () => true,
          () => false,
        ),
      ) // it takes a moment to make its files
      t.equal((await run(...psql)).trim(), `1000000|${status?.podIP}`)
    }
  })

  await t.test('a caller without one reaches the fork of a workload whose inbound calls are taken', async (t) => {
    const caller = await ledgerOf('caller', {})
    t.ok(await caller.tries(errand('pricing', KEY, { pricing: [KEY] })), 'with its key')
    t.ok(await caller.tries(errand('pricing', undefined, { pricing: ['baseline'] })), 'without a key')
    t.ok(await caller.tries(errand('pricing', 'pr-7', { pricing: ['baseline'] })), 'with a key that nobody routes')
  })

  await t.test('its probes never pass it', { skip: cluster.machines.length === 0 }, async (t) => {
    const { items } = await kubectl.get<{ items: readonly Pod[] }>(['pods', here, '--selector=app=pricing'])
    const [pricing] = items
    const machine = cluster.machines.find(({ name }) => name === pricing?.spec?.nodeName)
    const taken = async () =>
      countOf(await machine?.run(['curl', '--silent', SIDECARS]), `${namespace}/${pricing?.metadata.name}`)
    await eventually(async () => (await taken()) >= 3)
    t.equal(await taken(), 3, 'the calls of the caller above, and none of the kubelet, one a second')
  })

  await t.test('that asks for endpoints is routed when it calls a pod by its address', async (t) => {
    const caller = await ledgerOf('direct', { ...INJECTED, 'sidetrack.dev/intercept': 'endpoints' })
    const [address = ''] = await shop.addresses('pricing')
    const direct = { ...errand('pricing', KEY, { pricing: [KEY] }), url: `http://${address}/prices` }
    t.ok(await caller.tries(direct))
  })
})

/** The requests that a pod's sidecar has taken on their way in. */
function countOf(page: string | undefined, name: string): number {
  const pods: readonly { readonly pod: string; readonly state?: SidecarState }[] = JSON.parse(page ?? '[]')
  const counts = Object.values(pods.find(({ pod }) => pod === name)?.state?.inbound ?? {})
  return counts.flatMap((each) => Object.values(each)).reduce((sum, count) => sum + count, 0)
}
