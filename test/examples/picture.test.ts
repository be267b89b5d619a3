import t from 'tap'
import { formatJson } from '../../examples/shop/services/json-page.ts'
import { NO_PAINT } from '../../examples/shop/paint.ts'
import { type Hop } from '../../examples/shop/path.ts'
import { drawPath, drawShop, drawTour } from '../../examples/shop/picture.ts'
import { planShop } from '../../examples/shop/plan.ts'
import { table } from '../../examples/shop/table.ts'
import { check, TOUR } from '../../examples/shop/tour.ts'

const common = { caller: undefined, variant: 'baseline', fault: undefined, status: 200, calls: [] }
const pricing: Hop = { ...common, service: 'pricing', ms: 1.04 }
const catalog: Hop = { ...common, service: 'catalog', ms: 0.9 }

function page(cart: Partial<Hop>, status = 200): Hop {
  return {
    ...common,
    service: 'storefront',
    status,
    ms: 12.3,
    calls: [{ ...common, service: 'cart', ms: 3.1, ...cart }],
  }
}

t.test('a path is one line: who called whom, who answered, how long', async (t) => {
  t.equal(
    drawPath(page({ variant: 'pr-42', calls: [pricing, catalog] }), NO_PAINT),
    'storefront[baseline] → cart[pr-42] 3.1 ms → pricing[baseline] 1.0 ms, catalog[baseline] 0.9 ms  total 12 ms',
  )
})

t.test('a path shows where it broke off, and why', async (t) => {
  t.equal(
    drawPath(page({ variant: undefined, fault: 'ST1102', status: 503 }, 503), NO_PAINT),
    'storefront[baseline] → cart ✗ ST1102 3.1 ms  503 total 12 ms',
  )
})

t.test('a chain among several calls stands in brackets', async (t) => {
  const nested = { ...pricing, calls: [catalog] }
  t.match(
    drawPath(page({ calls: [nested, catalog] }), NO_PAINT),
    '→ (pricing[baseline] 1.0 ms → catalog[baseline] 0.9 ms), catalog[baseline]',
  )
})

t.test('the picture of the shop names every process, key, address and curl line', async (t) => {
  const text = drawShop(planShop(0), 'shop.yaml', 'http://127.0.0.1:9/', NO_PAINT)
  for (const part of [
    'storefront',
    '127.0.0.1:7001',
    '127.0.0.1:8101',
    'pr-57',
    'pr-99 (down)',
    'pr-13 (not ready)',
    'shop.yaml',
    'http://127.0.0.1:9/',
  ]) {
    t.match(text, part)
  }
  t.match(text, "curl -H 'baggage: sidetrack=pr-42.pr-57' http://127.0.0.1:7000/")
})

t.test('the table of the tour marks what is wrong, and says what it must be', async (t) => {
  const [stop] = TOUR
  if (stop === undefined) throw new Error('no tour')
  const visit = (cart: Partial<Hop>) => {
    const outcome = { status: 200, error: undefined, path: page({ calls: [pricing, catalog], ...cart }), ms: 12.3 }
    return { stop, outcome, faults: check(stop, outcome) }
  }
  t.match(
    drawTour([visit({ variant: 'pr-42' })], NO_PAINT),
    /pr-42 !.*WRONG[^]*no key: cart: pr-42; it must be baseline/,
  )
})

t.test('columns are as wide as what is seen of them', async (t) => {
  t.equal(
    table([
      ['\u001B[31mred\u001B[39m', 'x'],
      ['green', 'y'],
    ]),
    '\u001B[31mred\u001B[39m    x\ngreen  y',
  )
})

t.test('a page is valid JSON, short things on a line of their own', async (t) => {
  const value = {
    name: 'shop',
    lines: [
      { title: 'tea', sum: 1 },
      { title: 'cup', sum: undefined },
    ],
    empty: [],
    nothing: null,
  }
  t.same(JSON.parse(formatJson(value)), JSON.parse(JSON.stringify(value)))
  t.match(formatJson(value), /^ {2}"lines": \[\{"title": "tea", "sum": 1\}, \{"title": "cup"\}\],$/m)
})
