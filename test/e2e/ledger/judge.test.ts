import { test } from 'tap'
import { type Errand, judge, type Outcome, type Verdict } from './judge.ts'

const right: Verdict = { is: 'right' }
const unkeyed: Errand = {
  name: 'unkeyed',
  service: 'storefront',
  url: 'http://storefront/',
  share: 1,
  expect: { cart: ['baseline'] },
}
const keyed: Errand = { ...unkeyed, name: 'keyed', key: 'pr-42', expect: { cart: ['pr-42'] } }
const refused: Errand = { ...keyed, service: 'cart', expect: { cart: ['ST1102'] } }

function shop(cart: object, status = 200): Outcome {
  const path = [
    { from: 'storefront', to: 'cart', ...cart, ms: 1 },
    { from: 'cart', to: 'pricing', variant: 'baseline', ms: 1 },
  ]
  return { status, body: JSON.stringify({ service: 'storefront', variant: 'baseline', path }) }
}

const cases: readonly (readonly [string, readonly Errand[], Outcome, Verdict])[] = [
  ['an unkeyed request that the baseline answered', [unkeyed], shop({ variant: 'baseline' }), right],
  [
    'an unkeyed request that a fork answered',
    [unkeyed],
    shop({ variant: 'pr-42' }),
    { is: 'misrouted', what: 'cart by pr-42' },
  ],
  ['a keyed request that its fork answered', [keyed], shop({ variant: 'pr-42' }), right],
  [
    'a keyed request that the baseline answered',
    [keyed],
    shop({ variant: 'baseline' }),
    { is: 'misrouted', what: 'cart by baseline' },
  ],
  [
    'a keyed request that another fork answered',
    [keyed],
    shop({ variant: 'pr-57' }),
    { is: 'misrouted', what: 'cart by pr-57' },
  ],
  ['either, while the expectation changed', [unkeyed, keyed], shop({ variant: 'pr-42' }), right],
  [
    'neither, while the expectation changed',
    [unkeyed, keyed],
    shop({ variant: 'pr-57' }),
    { is: 'misrouted', what: 'cart by pr-57' },
  ],
  ['a hop that failed', [unkeyed], shop({ fault: 'ECONNRESET' }, 502), { is: 'lost', what: 'cart: ECONNRESET' }],
  ['a connection that broke', [unkeyed], { fault: 'sent ECONNRESET' }, { is: 'lost', what: 'sent ECONNRESET' }],
  ['a refusal', [keyed], { status: 503, refusal: 'ST1102', body: '{}' }, { is: 'lost', what: 'storefront: ST1102' }],
  ['a refusal that had to be', [refused], { status: 503, refusal: 'ST1102', body: '{}' }, right],
  [
    'a refusal on the way that had to be',
    [{ ...keyed, expect: { cart: ['ST1102'] } }],
    shop({ fault: 'ST1102' }, 503),
    right,
  ],
  [
    'an answer where a refusal had to be',
    [refused],
    shop({ variant: 'baseline' }),
    { is: 'misrouted', what: 'cart by baseline' },
  ],
  [
    'a page of somebody else',
    [unkeyed],
    { status: 502, body: '<html>' },
    { is: 'lost', what: "status 502, not the shop's answer" },
  ],
  ['an error of the shop', [unkeyed], shop({ variant: 'baseline' }, 500), { is: 'lost', what: 'status 500' }],
  [
    'an answer without the service that it is about',
    [unkeyed],
    { status: 200, body: JSON.stringify({ service: 'storefront', variant: 'baseline' }) },
    { is: 'lost', what: 'cart was not asked' },
  ],
]

for (const [name, errands, outcome, verdict] of cases) {
  test(name, (t) => {
    t.same(judge(errands, outcome), verdict)
    t.end()
  })
}
