import t from 'tap'
import { type Reached, reachedAfter, visiblePhases } from '../../../cli/sandbox/phases.ts'
import { headings, rowOf } from '../../../cli/sandbox/rows.ts'
import { describe } from '../../../cli/sandbox/sentences.ts'
import { DOUBT_MS, doubtAfter, verdictOf } from '../../../cli/sandbox/verdict.ts'
import type { Pod } from '../../../kubernetes/resources/builtin.ts'
import type { Condition } from '../../../kubernetes/resources/meta.ts'
import type { Sandbox, SandboxStatus } from '../../../kubernetes/resources/sandbox.ts'
import { sandbox } from '../../fixtures/shop-objects.ts'

const NOW = Date.parse('2026-01-01T14:00:00Z')

function condition(type: string, status: Condition['status'], reason: string, message = ''): Condition {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: '2026-01-01T10:00:00Z' }
}

function withStatus(status: SandboxStatus, change: Partial<Sandbox['metadata']> = {}): Sandbox {
  return { ...sandbox({}, change), status: { observedGeneration: 1, ...status } }
}

const READY = [
  condition('Ready', 'True', 'Ready', 'The next request with its key goes to its forks.'),
  condition('ForksAvailable', 'True', 'Available'),
  condition('RoutesProgrammed', 'True', 'InForce', 'In force on every node.'),
]

function unready(reason: string, message = 'why'): Sandbox {
  return withStatus({ conditions: [condition('Ready', 'False', reason, message)] })
}

const VERDICTS: readonly [fact: string, sandbox: Sandbox, state: string][] = [
  ['nothing said yet', sandbox(), 'waiting'],
  ['ready', withStatus({ conditions: READY }), 'ready'],
  ['ready before the last change', withStatus({ conditions: READY }, { generation: 2 }), 'waiting'],
  ['pods that start', unready('Starting'), 'waiting'],
  ['no node with room, since one may come', unready('Unschedulable'), 'waiting'],
  ['nodes that have not reported', unready('Waiting'), 'waiting'],
  ['an image that cannot be pulled', unready('ImageNotPulled'), 'doubtful'],
  ['a container that crashes', unready('Crashing'), 'doubtful'],
  ['a quota', unready('QuotaExceeded'), 'doubtful'],
  ['a spec that is not valid', unready('Invalid'), 'hopeless'],
  ['no baseline', unready('BaselineMissing'), 'hopeless'],
  ['a key that is taken', unready('KeyTaken'), 'hopeless'],
  ['a namespace that does not allow it', unready('NamespaceNotEnabled'), 'hopeless'],
]

for (const [fact, object, state] of VERDICTS) {
  t.test(`${fact}: ${state}`, async (t) => t.equal(verdictOf(object).state, state))
}

t.test('a doubt lasts for as long as its reason is the same', async (t) => {
  const first = doubtAfter(undefined, verdictOf(unready('ImageNotPulled')), 100)
  t.strictSame(first, { reason: 'ImageNotPulled', since: 100 })
  t.strictSame(doubtAfter(first, verdictOf(unready('ImageNotPulled', 'in other words')), 100 + DOUBT_MS), first)
  t.strictSame(doubtAfter(first, verdictOf(unready('Crashing')), 200), { reason: 'Crashing', since: 200 })
  t.equal(doubtAfter(first, verdictOf(unready('Starting')), 200), undefined)
})

function pod(of: string, node: string | undefined, imageIDs: readonly string[]): Pod {
  const statuses = imageIDs.map((imageID) => ({ name: 'c', image: 'i', imageID, ready: false, restartCount: 0 }))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${of}-1`, labels: { 'sidetrack.dev/fork-of': of } },
    spec: { containers: [{ name: 'c' }], ...(node === undefined ? {} : { nodeName: node }) },
    status: { containerStatuses: statuses },
  }
}

const PHASES: readonly [fact: string, sandbox: Sandbox, pods: readonly Pod[], reached: string][] = [
  ['no pod', sandbox(), [], 'written'],
  ['a pod without a node', sandbox(), [pod('cart', undefined, [])], 'written'],
  ["another fork's pod", sandbox(), [pod('db', 'n', ['sha'])], 'written'],
  ['a pod on a node', sandbox(), [pod('cart', 'n', [''])], 'written scheduled'],
  ['a pod whose image is there', sandbox(), [pod('cart', 'n', ['sha'])], 'written scheduled pulled'],
  [
    'forks that are available',
    withStatus({ conditions: [condition('ForksAvailable', 'True', 'Available')] }),
    [],
    'written scheduled pulled available',
  ],
  [
    'ready',
    withStatus({ conditions: READY }),
    [pod('cart', 'n', ['sha'])],
    'written scheduled pulled available programmed',
  ],
]

for (const [fact, object, pods, reached] of PHASES) {
  t.test(`${fact}: ${reached}`, async (t) => {
    t.equal([...reachedAfter(new Map(), { sandbox: object, pods }, 5).keys()].join(' '), reached)
  })
}

t.test('a phase keeps its time, and is not undone', async (t) => {
  let reached: Reached = new Map([['written', 1]])
  reached = reachedAfter(reached, { sandbox: sandbox(), pods: [pod('cart', 'n', [''])] }, 20)
  reached = reachedAfter(reached, { sandbox: sandbox(), pods: [] }, 30)
  reached = reachedAfter(reached, { sandbox: sandbox(), pods: [pod('cart', 'n', ['sha'])] }, 40)
  t.strictSame(
    [...reached],
    [
      ['written', 1],
      ['scheduled', 20],
      ['pulled', 40],
    ],
  )
})

t.test('phases of pods are not shown to whoever may not see pods', async (t) => {
  t.strictSame(
    visiblePhases({ pods: undefined }).map(({ phase }) => phase),
    ['written', 'available', 'programmed'],
  )
})

const SERVICES = [
  { name: 'cart', fork: 'cart--pr-42', ready: true },
  { name: 'cart-admin', fork: 'cart--pr-42', ready: false, reason: 'its pods are being started' },
]

t.test('a row says key, readiness, forks, end and age', async (t) => {
  const status = { conditions: READY, services: SERVICES, expiresAt: '2026-01-01T18:00:00Z' }
  const columns = { namespace: true, wide: true }
  const row = rowOf(withStatus(status), columns, NOW)
  t.strictSame(Object.fromEntries(headings(columns).map((heading, at) => [heading, row[at]])), {
    NAMESPACE: 'shop',
    NAME: 'pr-42',
    KEY: 'pr-42',
    READY: 'True',
    REASON: 'Ready',
    FORKS: 'deploy/cart',
    EXPIRES: 'in 4h',
    AGE: '4h',
    SERVICES: 'cart,cart-admin',
    MESSAGE: 'The next request with its key goes to its forks.',
  })
  t.equal(
    rowOf(sandbox(), { namespace: false, wide: false }, NOW).length,
    headings({ namespace: false, wide: false }).length,
  )
})

t.test('a row of what nobody has looked at says so', async (t) => {
  t.strictSame(rowOf(sandbox(), { namespace: false, wide: false }, NOW), [
    'pr-42',
    'pr-42',
    'Unknown',
    'NotSeenYet',
    'deploy/cart',
    '',
    '4h',
  ])
})

t.test('the description says in words what the conditions say', async (t) => {
  const conditions = [
    condition('Ready', 'False', 'ImageNotPulled', 'cart: image registry/cart:pr-42 of container cart cannot be pulled'),
    condition('RoutesProgrammed', 'False', 'WaitingForForks', 'The routes of cart wait for the pods of their forks.'),
    condition('Conflict', 'False', 'NoConflict', 'Nobody else has its key.'),
    condition('Warned', 'True', 'SharedClaim', 'cart: claim data is ReadWriteOnce\ncart: joins consumer group orders'),
  ]
  t.equal(
    describe(withStatus({ conditions, services: SERVICES }), NOW),
    `Sandbox shop/pr-42
  Key       pr-42   (baggage: sidetrack=pr-42)
  Ready     no, ImageNotPulled: cart: image registry/cart:pr-42 of container cart cannot be pulled
  Age       4h
  Expires   never
  Forks     deploy/cart
              image cart=registry/cart:pr-42
  Services  cart → cart--pr-42
            cart-admin → cart--pr-42, not ready: its pods are being started
  Routes    The routes of cart wait for the pods of their forks.
  Note      cart: claim data is ReadWriteOnce
            cart: joins consumer group orders
`,
  )
})
