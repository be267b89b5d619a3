// Sandboxes on a cluster, as a person makes and ends them: what `sidetrack` says is so holds for the next request, on every node.

import { join } from 'node:path'
import { type Test, test } from 'tap'
import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Kubectl } from '../cluster/kubectl.ts'
import { sidetrackProcess } from '../fixtures/cli-process.ts'
import { until } from '../fixtures/until.ts'
import { assertClean, describe, errand, Ledger } from './ledger/ledger.ts'
import type { Errand } from './ledger/judge.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'

const RATE = 60
/** For a machine that does much else. */
const PATIENCE_MS = 180_000
const SHOP = join(import.meta.dirname, '../../examples/shop/kubernetes')
const ENABLED = { [NAMESPACE_LABEL]: 'enabled' }
const BASELINE = errand('storefront', undefined, {
  cart: ['baseline'],
  pricing: ['baseline'],
  catalog: ['baseline'],
})

test('sandboxes', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { kubectl } = stage
  const namespace = await useNamespace(t, kubectl, 'sandboxes', ENABLED)
  const other = await useNamespace(t, kubectl, 'sandboxes-other', ENABLED)
  await Shop.open(stage, namespace)
  const ledgers = await Ledger.onEachNode(t, stage, namespace)
  const send = (...errands: readonly Errand[]) =>
    Promise.all(ledgers.map((ledger) => ledger.plan({ rate: RATE, concurrency: 4, errands: [BASELINE, ...errands] })))
  const assertNext = async (t: Test, count: number) => {
    for (const page of await Promise.all(ledgers.map((ledger) => ledger.more(count, PATIENCE_MS)))) assertClean(t, page)
  }
  const sidetrack = (...args: readonly string[]) =>
    sidetrackProcess([...args, `--namespace=${namespace}`], { environment: { KUBECONFIG: kubectl.kubeconfig } })
  const changeBaseline = async (value: string) => {
    await kubectl.run(['set', 'env', `--namespace=${namespace}`, 'deployment/cart', `ROUND=${value}`])
    await rolledOut(kubectl, namespace, 'cart')
  }
  const changeFork = async (t: Test, value: string) => {
    const run = await sidetrack('apply', 'pr-1', '--fork', 'deploy/cart', '--env', `cart:ROUND=${value}`, '--wait')
    t.equal(run.code, 0, run.stderr)
    t.match(run.stderr, /^changed after/)
  }
  await send()

  await t.test('create --wait returns when the next 1,000 keyed requests from both nodes go to the fork', async (t) => {
    await send(errand('storefront', 'pr-1', { cart: ['baseline', 'pr-1', 'ST1101'] }))
    const run = await sidetrack('create', 'pr-1', '--fork', 'deploy/cart', '--env', 'cart:FLAG=on', '--wait')
    await send(errand('storefront', 'pr-1', { cart: ['pr-1'], pricing: ['baseline'] }, 9))
    t.equal(run.code, 0, run.stderr)
    t.comment(run.stderr)
    await assertNext(t, 1000)
  })

  await t.test('two forks of one sandbox are passed by one request', async (t) => {
    const forks = [
      '--fork',
      'deploy/pricing',
      '--env',
      'pricing:A=1',
      '--fork',
      'deploy/catalog',
      '--env',
      'catalog:A=1',
    ]
    const run = await sidetrack('create', 'pr-2', ...forks, '--wait')
    t.equal(run.code, 0, run.stderr)
    await send(
      errand('storefront', 'pr-2', { cart: ['baseline'], pricing: ['pr-2'], catalog: ['pr-2'] }),
      errand('storefront', 'pr-1.pr-2', { cart: ['pr-1'], pricing: ['pr-2'], catalog: ['pr-2'] }),
      errand('storefront', 'none.pr-2.pr-1', { cart: ['pr-1'], pricing: ['pr-2'], catalog: ['pr-2'] }),
    )
    await assertNext(t, 200)
  })

  await t.test('of keys that fork the same service the first one decides', async (t) => {
    const run = await sidetrack('create', 'pr-3', '--fork', 'deploy/cart', '--env', 'cart:FLAG=off', '--wait')
    t.equal(run.code, 0, run.stderr)
    await send(
      errand('storefront', 'pr-3.pr-2.pr-1', { cart: ['pr-3'], pricing: ['pr-2'], catalog: ['pr-2'] }),
      errand('storefront', 'pr-1.pr-3', { cart: ['pr-1'] }),
    )
    await assertNext(t, 200)
  })

  await t.test('a fork that cannot start says why: in its condition, in the answer, to who waits', async (t) => {
    const image = 'localhost/nothing:here'
    const run = await sidetrack('create', 'bad', '--fork', 'deploy/cart', '--image', `cart=${image}`, '--wait')
    t.not(run.code, 0)
    t.match(run.stderr, image)
    const { status } = await kubectl.get<Sandbox>([`--namespace=${namespace}`, 'sandbox', 'bad'])
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    t.match(ready, { status: 'False', message: new RegExp(image) })
    await send(errand('cart', 'bad', { cart: ['ST1101'] }), errand('storefront', 'bad', { cart: ['ST1101'] }))
    await assertNext(t, 50)
    const either = { cart: ['baseline', 'ST1101'] }
    await send(errand('cart', 'bad', either), errand('storefront', 'bad', either))
    t.equal((await sidetrack('delete', 'bad', '--wait')).code, 0)
    await send(errand('storefront', 'bad', { cart: ['baseline'] }))
    await assertNext(t, 50)
  })

  await t.test('new versions of baseline, fork and both lose nothing and mix up nothing', async (t) => {
    await send(
      errand('storefront', 'pr-1', { cart: ['pr-1'] }),
      errand('cart', 'pr-1', { cart: ['pr-1'] }),
      errand('cart', undefined, { cart: ['baseline'] }),
    )
    const from = await Promise.all(ledgers.map(async (ledger) => (await ledger.page()).entries))
    await changeBaseline('1')
    await changeFork(t, '1')
    await Promise.all([changeBaseline('2'), changeFork(t, '2')])
    for (const [i, ledger] of ledgers.entries()) {
      const page = await ledger.page(from[i])
      t.comment(describe(page))
      assertClean(t, page)
    }
  })

  await t.test('sandboxes of two namespaces share a key', async (t) => {
    await kubectl.run(['apply', `--namespace=${other}`, '--filename', join(SHOP, 'pricing.yaml')])
    await rolledOut(kubectl, other, 'pricing')
    const url = `PRICING_URL=http://pricing.${other}`
    await kubectl.run(['set', 'env', `--namespace=${namespace}`, 'deployment/cart', url])
    await rolledOut(kubectl, namespace, 'cart')
    const make = (place: string, workload: string) =>
      sidetrackProcess(
        [
          'create',
          `shared-${workload}`,
          '--key=shared',
          '--fork',
          `deploy/${workload}`,
          '--env',
          `${workload}:A=1`,
          '--wait',
          `--namespace=${place}`,
        ],
        { environment: { KUBECONFIG: kubectl.kubeconfig } },
      )
    const runs = await Promise.all([make(namespace, 'cart'), make(other, 'pricing')])
    for (const { code, stderr } of runs) t.equal(code, 0, stderr)
    await send(errand('storefront', 'shared', { cart: ['shared-cart'], pricing: ['shared-pricing'] }))
    await assertNext(t, 200)
  })

  await t.test('made and ended again and again they leave nothing behind', async (t) => {
    await send()
    await Promise.all(['pr-1', 'pr-2', 'pr-3', 'shared-cart'].map((name) => sidetrack('delete', name, '--wait')))
    const before = await remains(kubectl, namespace)
    for (const round of ['a', 'b', 'c']) {
      const names = [1, 2].map((n) => `again-${round}-${n}`)
      const runs = await Promise.all(
        names.map((name) => sidetrack('create', name, '--fork', 'deploy/cart', '--env', 'cart:A=1', '--wait')),
      )
      for (const { code, stderr } of runs) t.equal(code, 0, stderr)
      await send(...names.map((name) => errand('storefront', name, { cart: [name] })))
      await assertNext(t, 50)
      await send(...names.map((name) => errand('storefront', name, { cart: ['baseline', name, 'ST1101'] })))
      for (const name of names) t.equal((await sidetrack('delete', name, '--wait')).code, 0)
      await send(...names.map((name) => errand('storefront', name, { cart: ['baseline'] })))
      await assertNext(t, 50)
    }
    await until(async () => (await remains(kubectl, namespace)).length === before.length, PATIENCE_MS)
    t.same(await remains(kubectl, namespace), before)
  })

  await t.test('at no time an unkeyed request was lost or went to a fork', async (t) => {
    for (const ledger of ledgers) {
      const page = await ledger.close()
      t.comment(`${ledger.name}: ${describe(page)}`)
      // Keyed ones were judged while they were right: a sandbox that goes takes its last request's expectation with it.
      const wrong = [...Object.keys(page.lost), ...Object.keys(page.misrouted)]
      t.same(
        wrong.filter((kind) => kind.includes('unkeyed')),
        [],
      )
    }
  })
})

async function rolledOut(kubectl: Kubectl, namespace: string, deployment: string): Promise<void> {
  await kubectl.run(['rollout', 'status', `--namespace=${namespace}`, `deployment/${deployment}`, '--timeout=120s'])
}

/** All that sandboxes are made of, by name. */
async function remains(kubectl: Kubectl, namespace: string): Promise<readonly string[]> {
  const kinds = 'sandboxes,routes,routingtables,deployments,services,endpointslices,networkpolicies,pods'
  const found = await kubectl.run(['get', kinds, `--namespace=${namespace}`, '--output=name'])
  return found
    .split('\n')
    .filter((name) => name !== '')
    .toSorted()
}
