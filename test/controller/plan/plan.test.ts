import t from 'tap'
import type { Desired, Observed } from '../../../controller/plan/desired.ts'
import { digest } from '../../../controller/plan/digest.ts'
import { type Memory, plan } from '../../../controller/plan/plan.ts'

const NONE: Memory = new Map()

function desired(kind: Desired['kind'], spec: object = {}, name = 'cart--pr-42'): Desired {
  return { kind, metadata: { namespace: 'shop', name, labels: { a: 'b' }, ownerReferences: [] }, spec }
}

/** As the API server has it after `desired` was applied: with what it filled in. */
function applied(object: Desired, more: { metadata?: Partial<Observed['metadata']>; spec?: object } = {}): Observed {
  const annotations = { 'sidetrack.dev/applied': digest(object), other: 'x' }
  return {
    apiVersion: 'v1',
    kind: object.kind,
    metadata: {
      ...object.metadata,
      annotations,
      uid: `uid-${object.metadata.name}`,
      generation: 1,
      resourceVersion: '7',
      ...more.metadata,
    },
    spec: { ...object.spec, filledIn: true, ...more.spec },
  }
}

const names = (objects: readonly { kind: string; metadata: { name: string } }[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
function said(wanted: readonly Desired[], there: readonly Observed[], memory = NONE) {
  const { applies, deletes, blocked } = plan(wanted, there, memory)
  return { applies: names(applies), deletes: names(deletes), blocked: names(blocked) }
}
const NOTHING = { applies: [], deletes: [], blocked: [] }
const FORK = desired('Deployment', { replicas: 1, selector: { matchLabels: { a: 'b' } }, list: [{ name: 'x', y: 1 }] })
const ITS_NAME = 'Deployment cart--pr-42'

t.test('what is not there is applied, policies and Services before pods, routes last', async (t) => {
  const wanted = [desired('Route'), FORK, desired('Service'), desired('NetworkPolicy')]
  t.strictSame(said(wanted, []).applies, [
    'NetworkPolicy cart--pr-42',
    'Service cart--pr-42',
    ITS_NAME,
    'Route cart--pr-42',
  ])
})

t.test('what is applied says so on itself', async (t) => {
  t.strictSame(plan([FORK], [], NONE).applies[0]?.metadata.annotations, { 'sidetrack.dev/applied': digest(FORK) })
})

t.test('nothing is written if nothing changed, whatever the server and others have added', async (t) => {
  t.strictSame(said([FORK], [applied(FORK)]), NOTHING)
})

t.test('another wish is applied', async (t) => {
  const before = desired('Deployment', { ...FORK.spec, replicas: 2 })
  t.strictSame(said([FORK], [applied(before)]), { ...NOTHING, applies: [ITS_NAME] })
})

t.test('a wish for less is applied', async (t) => {
  const before = desired('Deployment', { ...FORK.spec, more: 1 })
  t.strictSame(said([FORK], [applied(before)]), { ...NOTHING, applies: [ITS_NAME] })
})

t.test('what somebody changed is applied again', async (t) => {
  t.strictSame(said([FORK], [applied(FORK, { spec: { replicas: 5 } })]), { ...NOTHING, applies: [ITS_NAME] })
  t.strictSame(said([FORK], [applied(FORK, { metadata: { labels: {} } })]), { ...NOTHING, applies: [ITS_NAME] })
})

t.test('what a webhook makes of each apply is not fought over', async (t) => {
  const changed = applied(FORK, { spec: { replicas: 5 }, metadata: { generation: 3 } })
  const memory: Memory = new Map([['uid-cart--pr-42', { digest: digest(FORK), generation: 3 }]])
  t.strictSame(said([FORK], [changed], memory), NOTHING)
  t.strictSame(said([FORK], [{ ...changed, metadata: { ...changed.metadata, generation: 4 } }], memory).applies, [
    ITS_NAME,
  ])
})

t.test('what is no longer desired is deleted, routes first', async (t) => {
  const there = [applied(FORK), applied(desired('Service')), applied(desired('Route'))]
  t.strictSame(said([], there), { ...NOTHING, deletes: ['Route cart--pr-42', ITS_NAME, 'Service cart--pr-42'] })
})

t.test('what is being deleted is left alone until it is gone', async (t) => {
  const going = applied(FORK, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })
  t.strictSame(said([], [going]), NOTHING)
  t.strictSame(said([FORK], [going]), NOTHING)
})

t.test('somebody else’s object is neither changed nor deleted', async (t) => {
  const theirs = applied(FORK, { metadata: { annotations: {} } })
  t.strictSame(said([FORK], [theirs]), { ...NOTHING, blocked: [ITS_NAME] })
  t.strictSame(said([], [theirs]), NOTHING)
})

const MADE_ANEW: readonly [string, Desired, Desired, boolean][] = [
  ['a Deployment with another selector', FORK, desired('Deployment', { selector: { matchLabels: { a: 'c' } } }), true],
  [
    'a StatefulSet with other volumes',
    desired('StatefulSet', { volumeClaimTemplates: [{ a: 1 }] }),
    desired('StatefulSet', { volumeClaimTemplates: [{ a: 2 }] }),
    true,
  ],
  [
    'a StatefulSet whose volumes are gone',
    desired('StatefulSet', { volumeClaimTemplates: [{ a: 1 }] }),
    desired('StatefulSet', {}),
    true,
  ],
  [
    'a StatefulSet with another template',
    desired('StatefulSet', { serviceName: 's', template: 1 }),
    desired('StatefulSet', { serviceName: 's', template: 2 }),
    false,
  ],
  [
    'a Service of another first family',
    desired('Service', { ipFamilies: ['IPv4'] }),
    desired('Service', { ipFamilies: ['IPv6', 'IPv4'] }),
    true,
  ],
  [
    'a Service with a second family',
    desired('Service', { ipFamilies: ['IPv4'] }),
    desired('Service', { ipFamilies: ['IPv4', 'IPv6'] }),
    false,
  ],
]

for (const [name, before, after, anew] of MADE_ANEW) {
  t.test(`${name} is ${anew ? 'made anew' : 'changed'}`, async (t) => {
    const { applies, deletes } = said([after], [applied(before)])
    t.strictSame([applies.length, deletes.length], anew ? [0, 1] : [1, 0])
  })
}

t.test('a digest is the same whatever the order of fields, and another for another value', async (t) => {
  t.equal(digest({ a: 1, b: [{ c: 2, d: 3 }] }), digest({ b: [{ d: 3, c: 2 }], a: 1 }))
  t.not(digest({ a: 1 }), digest({ a: '1' }))
  t.not(digest(['a', 'b']), digest(['b', 'a']))
})
