import t from 'tap'
import { fromDeployment } from '../../../controller/sandbox/baseline.ts'
import { deriveFork } from '../../../controller/sandbox/derive.ts'
import type { ForkState } from '../../../controller/sandbox/fork-state.ts'
import { type ObservedFork, sandboxRoutes } from '../../../controller/sandbox/sandbox-routes.ts'
import { type StatusInput, statusOf, updatedAt } from '../../../controller/sandbox/status.ts'
import type { SandboxStatus } from '../../../kubernetes/resources/sandbox.ts'
import { type Endpoint, endpoint, slice } from '../../fixtures/endpoint-slices.ts'
import { deployment, sandbox, surroundings } from '../../fixtures/shop-objects.ts'

const wants = { events: false, lastLines: [] }
const READY: ForkState = { available: true, ready: ['a', 'b'], reason: 'Available', message: '', wants }
const PULLING: ForkState = { available: false, ready: [], reason: 'ImageNotPulled', message: 'no such image', wants }
const SANDBOX = sandbox({}, { generation: 2 })
const WANTED = { routes: '20', tables: '7' }
const NOW = Date.parse('2026-01-02T10:00:00.123Z')

function forks(state: ForkState, endpoints: readonly Endpoint[]): readonly ObservedFork[] {
  const baseline = fromDeployment(deployment())
  const [fork] = SANDBOX.spec.forks
  if (baseline === undefined || fork === undefined) throw new Error('no fork')
  const derived = deriveFork(SANDBOX, 0, fork, baseline, surroundings())
  return [{ fork: derived, state, slices: new Map([['cart--pr-42', [slice(endpoints)]]]) }]
}
const A = endpoint('10.0.0.1', {}, 'a')
const B = endpoint('10.0.0.2', {}, 'b')
const OLD = endpoint('10.0.0.3', {}, 'old')

const ROUTES: readonly [string, ForkState, readonly Endpoint[], object][] = [
  ['its ready pods and no others: ready', READY, [B, A], { name: 'cart', fork: 'cart--pr-42', ready: true }],
  [
    'an endpoint that lags behind its pod: not yet',
    READY,
    [A],
    { ready: false, reason: 'its endpoints are being written' },
  ],
  ['a pod of the version before that still answers: not yet', READY, [A, B, OLD], { ready: false }],
  ['a fork in trouble: not ready, and why', PULLING, [], { ready: false, reason: 'cart: no such image' }],
  [
    'a version in trouble while the one before answers: not ready',
    PULLING,
    [OLD],
    { ready: false, reason: 'cart: no such image' },
  ],
]

for (const [name, state, endpoints, expected] of ROUTES) {
  t.test(name, async (t) => {
    const { services, unready } = sandboxRoutes(SANDBOX, forks(state, endpoints), [])
    t.match(services, [expected])
    t.strictSame(unready, services[0]?.ready === true ? [] : ['cart'])
  })
}

t.test('the version before answers for as long as there is no other', async (t) => {
  t.match(sandboxRoutes(SANDBOX, forks(PULLING, [OLD]), []).routes[0]?.spec, {
    addresses: ['10.0.0.3:8080'],
    ready: undefined,
  })
})

t.test('a Service that somebody older has gets no route', async (t) => {
  const lost = [{ service: 'cart', to: { kind: 'Sandbox' as const, name: 'old' } }]
  t.strictSame(sandboxRoutes(SANDBOX, forks(READY, [A, B]), lost), { routes: [], services: [], unready: [] })
})

function input(change: Partial<StatusInput> = {}, programmed = true): StatusInput {
  const state = { programmed, reason: programmed ? 'InForce' : 'Waiting', message: '' }
  return {
    state: {
      problems: [],
      warnings: [],
      forks: [{ of: 'cart', state: READY }],
      routes: { services: 1, unready: [], programmed: state },
      lost: [],
    },
    services: [{ name: 'cart', fork: 'cart--pr-42', ready: true }],
    wanted: WANTED,
    updatedAt: NOW,
    expiresAt: NOW + 3_600_000,
    now: NOW,
    ...change,
  }
}

t.test(
  'a status says of which generation it is, the key, the times in whole seconds and what is in force',
  async (t) => {
    const { conditions, ...rest } = statusOf(SANDBOX, input())
    t.strictSame(rest, {
      observedGeneration: 2,
      routingKey: 'pr-42',
      updatedAt: '2026-01-02T10:00:00Z',
      expiresAt: '2026-01-02T11:00:00Z',
      services: [{ name: 'cart', fork: 'cart--pr-42', ready: true }],
      programmed: WANTED,
    })
    t.equal(conditions?.[0]?.status, 'True')
  },
)

const PROGRAMMED: readonly [string, SandboxStatus['programmed'], boolean, SandboxStatus['programmed']][] = [
  ['nothing in force yet', undefined, false, undefined],
  [
    'what was in force stays while something newer is on the way',
    { routes: '10', tables: '7' },
    false,
    { routes: '10', tables: '7' },
  ],
  ['something newer is in force', { routes: '10', tables: '7' }, true, WANTED],
  ['nothing newer: it is not written again', { routes: '30', tables: '9' }, true, { routes: '30', tables: '9' }],
]

for (const [name, before, programmed, after] of PROGRAMMED) {
  t.test(name, async (t) => {
    const known = { ...SANDBOX, status: before === undefined ? {} : { programmed: before } }
    t.strictSame(statusOf(known, input({}, programmed)).programmed, after)
  })
}

t.test('a spec was updated when its generation was first seen', async (t) => {
  const seen = { updatedAt: '2026-01-01T12:00:00Z', observedGeneration: 2 }
  t.equal(updatedAt({ ...SANDBOX, status: seen }, NOW), Date.parse(seen.updatedAt), 'seen before')
  t.equal(updatedAt({ ...SANDBOX, status: { ...seen, observedGeneration: 1 } }, NOW), NOW, 'a new one')
  t.equal(updatedAt(SANDBOX, NOW), NOW, 'changed before anybody saw it')
  t.equal(updatedAt(sandbox(), NOW), Date.parse('2026-01-01T10:00:00Z'), 'never changed: when it was created')
})
