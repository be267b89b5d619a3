// The demo shop on a cluster: routes move exactly the requests that carry their key, whichever node they start from.

import { test } from 'tap'
import { assertClean, describe, errand, Ledger } from './ledger/ledger.ts'
import type { Plan } from './ledger/program.ts'
import { noStage, useNamespace, useStage } from './stage/stage.ts'
import { Shop } from './stage/shop.ts'

const RATE = 50
const COUNT = 600
/** For a machine that does much else. */
const PATIENCE_MS = 300_000

test('routes applied with kubectl', { skip: noStage }, async (t) => {
  const stage = await useStage(t)
  const { kubectl } = stage
  const namespace = await useNamespace(t, kubectl, 'routing')
  const shop = await Shop.open(stage, namespace)
  const [cart, pricing] = await Promise.all([shop.fork('cart', 'pr-42'), shop.fork('pricing', 'pr-57')])
  const ledgers = await Ledger.onEachNode(t, stage, namespace)
  await shop.intercept('storefront', 'cart', 'pricing', 'catalog')
  await shop.programmed()
  const planAll = (plan: Plan) => Promise.all(ledgers.map((ledger) => ledger.plan(plan)))

  await t.test('none: every request is answered by the baseline', async (t) => {
    await planAll(planOf(['baseline'], ['baseline']))
    for (const ledger of ledgers) assertClean(t, await ledger.more(200, PATIENCE_MS))
  })

  await t.test('move exactly the keyed requests, from both nodes', async (t) => {
    await planAll(planOf(['baseline', 'pr-42'], ['baseline', 'pr-57']))
    await shop.route('cart', 'pr-42', cart)
    await shop.route('pricing', 'pr-57', pricing)
    await shop.programmed()
    await planAll(planOf(['pr-42'], ['pr-57']))
    for (const page of await Promise.all(ledgers.map((ledger) => ledger.more(COUNT, PATIENCE_MS)))) assertClean(t, page)
  })

  await t.test('removed: their requests are answered by the baseline again, the others stay', async (t) => {
    await planAll(planOf(['baseline', 'pr-42'], ['pr-57']))
    await shop.remove('route', 'cart--pr-42')
    await shop.programmed()
    await planAll(planOf(['baseline'], ['pr-57']))
    for (const page of await Promise.all(ledgers.map((ledger) => ledger.more(200, PATIENCE_MS)))) assertClean(t, page)
  })

  await t.test('lost and misrouted nothing at any time', async (t) => {
    let all = 0
    for (const ledger of ledgers) {
      const page = await ledger.close()
      all += page.entries
      assertClean(t, page)
      t.comment(`${ledger.name}: ${describe(page)}`)
    }
    t.ok(all >= 2000, `of ${all}`)
  })
})

function planOf(carts: readonly string[], pricings: readonly string[]): Plan {
  return {
    rate: RATE,
    concurrency: 4,
    errands: [
      errand('storefront', undefined, { cart: ['baseline'], pricing: ['baseline'], catalog: ['baseline'] }, 4),
      errand('storefront', 'pr-42', { cart: carts, pricing: ['baseline'] }),
      errand('storefront', 'pr-57', { cart: ['baseline'], pricing: pricings }),
      errand('storefront', 'pr-42.pr-57', { cart: carts, pricing: pricings }),
      errand('storefront', 'pr-7', { cart: ['baseline'], pricing: ['baseline'] }),
    ],
  }
}
