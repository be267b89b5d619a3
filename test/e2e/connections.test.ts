// Connections that are open while redirects come and go: none breaks.

import { test } from 'tap'
import { assertClean, describe, errand, Ledger } from './ledger/ledger.ts'
import type { Summary } from './ledger/summary.ts'
import { denyEgress } from './stage/egress.ts'
import { INJECTED } from './stage/objects.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'

const COUNT = 300
const PATIENCE_MS = 60_000
const UNKEYED = errand('pricing', undefined, { pricing: ['baseline'] })
const PLAN = { rate: 100, concurrency: 8, errands: [UNKEYED] }

test('open connections', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { cluster, kubectl, nodes } = stage
  const namespace = await useNamespace(t, kubectl, 'connections')
  const shop = await Shop.open(stage, namespace)
  const fork = await shop.fork('pricing', 'pr-57')
  const keyed = errand('pricing', 'pr-57', { pricing: ['pr-57'] })
  const start = (name: string) => Ledger.start(t, stage, { namespace, name, node: nodes[0], annotations: INJECTED })
  const ledger = await start('ledger')
  await ledger.plan(PLAN)
  const first = await ledger.more(COUNT, PATIENCE_MS)

  await t.test('survive the arrival of redirects', async (t) => {
    await shop.route('pricing', 'pr-57', fork)
    await shop.intercept('pricing')
    await shop.programmed()
    t.ok(await ledger.tries(keyed), 'a new one is redirected')
    const page = await ledger.more(COUNT, PATIENCE_MS)
    assertClean(t, page)
    t.strictSame(ended(page), ended(first))
    await ledger.renew()
  })

  await t.test('survive the removal of redirects', async (t) => {
    const before = await ledger.more(COUNT, PATIENCE_MS)
    await shop.remove('routingtable', 'pricing')
    await shop.programmed()
    t.ok(await ledger.tries({ ...keyed, expect: { pricing: ['baseline'] } }), 'a new one is not redirected')
    const page = await ledger.more(COUNT, PATIENCE_MS)
    assertClean(t, page)
    t.strictSame(ended(page), ended(before))
  })

  await t.test('were lost at no time', async (t) => {
    const page = await ledger.close()
    assertClean(t, page)
    t.equal(page.connections.broken, 0)
    t.comment(describe(page))
  })

  await t.test('everything works where pods may reach pods alone', async (t) => {
    await denyEgress(t, cluster, namespace)
    const confined = await start('confined')
    const outside = { ...UNKEYED, url: 'http://kubernetes.default.svc:443/' }
    await confined.plan({ rate: 0, errands: [], patience: 1000 })
    t.notOk(await confined.reaches(outside), 'the policy is in force')
    await shop.intercept('pricing')
    await shop.programmed()
    t.ok(await confined.tries(keyed))
    await confined.plan({ ...PLAN, errands: [UNKEYED, keyed] })
    assertClean(t, await confined.more(COUNT, PATIENCE_MS))
  })
})

/** More may have been opened meanwhile, where one request came before the last one was answered. */
function ended({ connections: { closed, broken } }: Pick<Summary, 'connections'>): object {
  return { closed, broken }
}
