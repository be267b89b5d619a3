// What forks are made of and how they end, on a cluster: a StatefulSet behind a headless Service, and a sandbox whose time is over.

import { test } from 'tap'
import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { sidetrackProcess } from '../fixtures/cli-process.ts'
import { until } from '../fixtures/until.ts'
import { assertClean, errand, Ledger } from './ledger/ledger.ts'
import type { Errand } from './ledger/judge.ts'
import { INJECTED, service, workload } from './stage/objects.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'

const PATIENCE_MS = 180_000
/** The shortest that there is. */
const TTL = { said: '1m', ms: 60_000 }
const HEADLESS = 'http://catalog:8080/products'
const ONE_POD = 'http://catalog-0.catalog:8080/products'
const BASELINE = { ...errand('catalog', undefined, { catalog: ['baseline'] }), url: HEADLESS }

test('forks', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { kubectl } = stage
  const namespace = await useNamespace(t, kubectl, 'forks', { [NAMESPACE_LABEL]: 'enabled' })
  const here = `--namespace=${namespace}`
  const sidetrack = (...args: readonly string[]) =>
    sidetrackProcess([...args, here], { environment: { KUBECONFIG: kubectl.kubeconfig } })
  const pods = { app: 'catalog', args: ['catalog.mjs'], ready: '/healthz', annotations: INJECTED }
  await kubectl.apply(
    workload('StatefulSet', namespace, pods, { serviceName: 'catalog', replicas: 2 }),
    service(namespace, 'catalog', { name: 'http', port: 8080 }, { clusterIP: 'None' }),
  )
  await kubectl.run(['rollout', 'status', here, 'statefulset/catalog', '--timeout=120s'])
  const ledger = await Ledger.start(t, stage, {
    namespace,
    name: 'ledger',
    node: stage.nodes[0],
    annotations: INJECTED,
  })
  const send = (...errands: readonly Errand[]) =>
    ledger.plan({ rate: 40, concurrency: 4, errands: [BASELINE, ...errands] })
  const create = (name: string, ...more: readonly string[]) =>
    sidetrack('create', name, '--fork', 'statefulset/catalog', '--env', 'catalog:FLAG=on', '--wait', ...more)
  const made = (name: string) =>
    kubectl.run([
      'get',
      'sandboxes,statefulsets,services,routes,pods',
      here,
      `--selector=sidetrack.dev/sandbox=${name}`,
      '--output=name',
    ])

  await t.test('of a StatefulSet get the requests to its headless Service and to each of its pods', async (t) => {
    await send(...keyed('pr-1', 'baseline', 'pr-1', 'ST1101'))
    const run = await create('pr-1', '--ttl', TTL.said)
    await send(...keyed('pr-1', 'pr-1'))
    t.equal(run.code, 0, run.stderr)
    assertClean(t, await ledger.more(200, PATIENCE_MS))
    t.match(await made('pr-1'), /^statefulset\.apps\/catalog--pr-1$/m)
  })

  await t.test(
    'end when their time is over, with all that was made for them, and their requests go home',
    async (t) => {
      const { metadata, status } = await kubectl.get<Sandbox>([here, 'sandbox', 'pr-1'])
      const lived = Date.parse(status?.expiresAt ?? '') - Date.parse(metadata.creationTimestamp ?? '')
      t.ok(lived >= TTL.ms && lived < TTL.ms + 60_000, `it says when: after ${lived} ms`)
      await send(...keyed('pr-1', 'baseline', 'pr-1', 'ST1101'))
      await until(async () => (await made('pr-1')) === '', PATIENCE_MS)
      t.ok(Date.now() >= Date.parse(status?.expiresAt ?? ''), 'not before')
      await send(...keyed('pr-1', 'baseline'))
      assertClean(t, await ledger.more(100, PATIENCE_MS))
    },
  )

  await t.test('of a StatefulSet that is named again are made anew', async (t) => {
    const run = await create('pr-1')
    t.equal(run.code, 0, run.stderr)
    await send(...keyed('pr-1', 'pr-1'))
    assertClean(t, await ledger.more(100, PATIENCE_MS))
    t.equal((await sidetrack('delete', 'pr-1', '--wait')).code, 0)
    t.equal(await made('pr-1'), '')
  })

  await t.test('at no time an unkeyed request was lost or went to one of them', async (t) => {
    const page = await ledger.close()
    const wrong = [...Object.keys(page.lost), ...Object.keys(page.misrouted)]
    t.same(
      wrong.filter((kind) => kind.includes('unkeyed')),
      [],
    )
  })
})

function keyed(key: string, ...variants: readonly string[]): readonly Errand[] {
  const one = errand('catalog', key, { catalog: variants })
  return [
    { ...one, url: HEADLESS },
    { ...one, name: `${one.name} of one pod`, url: ONE_POD },
  ]
}
