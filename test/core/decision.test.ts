import t from 'tap'
import { type Decision, decide } from '../../core/decision.ts'
import type { Route } from '../../core/route.ts'

const route = (key: string, change: Partial<Route> = {}): Route => ({
  key,
  addresses: [{ host: '10.0.0.7', port: 80 }],
  ready: true,
  reason: '',
  unready: 'fail',
  ...change,
})
const A = route('a')
const B = route('b')
const table = (...routes: readonly Route[]) => new Map(routes.map((each) => [each.key, each]))
const TABLE = table(
  A,
  B,
  route('starting', { ready: false, reason: 'pulling' }),
  route('optional', { ready: false, unready: 'baseline' }),
)
const LIVE = ['a', 'b', 'starting', 'optional', 'elsewhere']

const BASELINE: Decision = { to: 'baseline' }
const fork = (to: Route): Decision => ({ to: 'fork', route: to })
const unready = (key: string): Decision => ({ to: 'nowhere', why: 'unready', key, reason: 'pulling' })
const unknown = (key: string): Decision => ({ to: 'nowhere', why: 'unknown-key', key })

const CASES: readonly [string, { keys?: readonly string[]; strict?: boolean; own?: string }, Decision][] = [
  ['no key: the baseline', {}, BASELINE],
  ['no key, strict: the baseline', { strict: true }, BASELINE],
  ['a key with a route: its fork', { keys: ['a'] }, fork(A)],
  ['a key without a route: the baseline', { keys: ['elsewhere'] }, BASELINE],
  ['a dead key: the baseline', { keys: ['dead'] }, BASELINE],
  ['two keys with routes: the first', { keys: ['b', 'a'] }, fork(B)],
  ['a key without a route before one with: the one with', { keys: ['dead', 'elsewhere', 'a'] }, fork(A)],
  ['a fork that is not ready: nowhere, and the reason', { keys: ['starting'] }, unready('starting')],
  ['a fork that is not ready before one that is: nowhere', { keys: ['starting', 'a'] }, unready('starting')],
  ['a fork that is ready before one that is not: the ready one', { keys: ['a', 'starting'] }, fork(A)],
  ['an optional fork that is not ready: the baseline', { keys: ['optional'] }, BASELINE],
  [
    'an optional fork that is not ready before another: the baseline, since it decides',
    { keys: ['optional', 'a'] },
    BASELINE,
  ],
  ['strict with a route: its fork', { keys: ['a'], strict: true }, fork(A)],
  ['strict with a live key elsewhere: the baseline', { keys: ['elsewhere'], strict: true }, BASELINE],
  ['strict with a dead key: nowhere', { keys: ['dead'], strict: true }, unknown('dead')],
  [
    'strict with a live and a dead key: nowhere, and the dead one',
    { keys: ['elsewhere', 'dead'], strict: true },
    unknown('dead'),
  ],
  ['strict with a dead key before a route: the fork', { keys: ['dead', 'a'], strict: true }, fork(A)],
  [
    'strict with a fork that is not ready: nowhere, and the reason',
    { keys: ['starting'], strict: true },
    unready('starting'),
  ],
  ['from a fork without a key: the own fork', { own: 'a' }, fork(A)],
  ['from a fork without a key and a route: the baseline', { own: 'elsewhere' }, BASELINE],
  ['from a fork whose own fork here is not ready: nowhere', { own: 'starting' }, unready('starting')],
  ['from a fork with a key: that key’s fork', { keys: ['b'], own: 'a' }, fork(B)],
  ['from a fork with a key without a route: the baseline', { keys: ['elsewhere'], own: 'a' }, BASELINE],
]

for (const [name, { keys = [], strict = false, own }, expected] of CASES) {
  t.test(name, async (t) => {
    t.strictSame(decide({ keys, strict }, { tables: [TABLE], liveKeys: new Set(LIVE), ownKey: own }), expected)
  })
}

t.test('an address that several Services share uses the routes of all', async (t) => {
  const shared = {
    tables: [table(A), table(route('a', { reason: 'second' }), B)],
    liveKeys: new Set(LIVE),
    ownKey: undefined,
  }
  t.strictSame(decide({ keys: ['b'], strict: false }, shared), fork(B))
  t.strictSame(decide({ keys: ['a'], strict: false }, shared), fork(A), 'the first table first')
  t.strictSame(decide({ keys: ['a'], strict: false }, { ...shared, tables: [] }), BASELINE)
})
