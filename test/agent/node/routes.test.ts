// From Routes to the wire, and which are refused.

import t from 'tap'
import { type NodeRoute, readRoute, routeEntries } from '../../../agent/node/routes.ts'
import { type WatchedRoute, readWatchedRoute } from '../../../agent/node/watched.ts'
import type { Condition, OwnerReference } from '../../../kubernetes/resources/meta.ts'
import { whyNoPod } from '../../../kubernetes/route-target.ts'
import type { Route, RouteSpec } from '../../../kubernetes/resources/route.ts'

const owner = (kind: string, apiVersion = 'sidetrack.dev/v1alpha1') => ({ apiVersion, kind, name: 'pr-42', uid: 'uid' })
/** As the controller writes it. */
const route = (spec: Partial<RouteSpec>, name = 'one', created = '2026-01-01T00:00:00Z'): Route => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Route',
  metadata: { namespace: 'shop', name, creationTimestamp: created, generation: 2, ownerReferences: [owner('Sandbox')] },
  spec: { table: 'cart', key: 'pr-42', addresses: ['10.88.1.7:8080'], ...spec },
})
const allowed = whyNoPod(['192.168.0.5', 'fd00::5'])

function read(...routes: readonly Route[]): readonly NodeRoute[] {
  return routes.map((each) => {
    const one = readRoute(each, allowed)
    if ('refused' in one) throw new Error(one.refused)
    return one
  })
}

for (const [address, why] of [
  ['127.0.0.1:80', /loopback/],
  ['127.64.0.1:15001', /loopback/],
  ['0.0.0.0:80', /unspecified/],
  ['0.1.2.3:80', /unspecified/],
  ['169.254.169.254:80', /link-local/],
  ['224.0.0.1:80', /multicast/],
  ['255.255.255.255:80', /reserved/],
  ['192.168.0.5:10250', /a node's address/],
  ['[::]:80', /unspecified/],
  ['[::1]:80', /loopback/],
  ['[0:0:0:0:0:0:0:1]:80', /loopback/],
  ['[::ffff:127.0.0.1]:80', /IPv4 address in the form/],
  ['[::ffff:10.88.1.7]:80', /IPv4 address in the form/],
  ['[fe80::1]:80', /link-local/],
  ['[ff02::1]:80', /multicast/],
  ['[fd7d:5d77::1]:15001', /loopback/],
  ['[fd00::5]:80', /a node's address/],
  ['[fd00:0::5]:80', /a node's address/],
  ['10.88.1.7', /is not an address/],
  ['cart:80', /is not an address/],
] as const) {
  t.test(`a route to ${address} is refused`, async (t) => {
    t.match(readRoute(route({ addresses: ['10.88.1.7:8080', address] }), allowed), { refused: why })
  })
}

t.test('routes to pods are not refused', async (t) => {
  const addresses = ['10.88.1.7:8080', '100.64.0.9:80', '192.168.0.6:80', '[fd00::6]:80', '[2001:db8::1]:80']
  t.strictSame(read(route({ addresses }))[0]?.text, { key: 'pr-42', addresses })
})

const verdict = (status: 'True' | 'False' | 'Unknown', observedGeneration?: number, type = 'Accepted'): Condition => ({
  type,
  status,
  ...(observedGeneration === undefined ? {} : { observedGeneration }),
  reason: 'Any',
  message: 'in the words of the controller',
  lastTransitionTime: '2026-01-01T00:00:00Z',
})
/** Changed once since it was made. */
const judged = (owners: readonly OwnerReference[] | undefined, ...conditions: readonly Condition[]): Route => {
  const { metadata, ...rest } = route({})
  const { ownerReferences: _, ...unowned } = metadata
  const owned = owners === undefined ? unowned : { ...unowned, ownerReferences: owners }
  return { ...rest, metadata: { ...owned, uid: 'route-1' }, status: { conditions } }
}
const awaited = { refused: 'the controller has not accepted it yet', awaited: true }
const refused = { refused: 'in the words of the controller' }
const taken = { name: 'one' }

for (const [fact, given, result] of [
  ["a Sandbox's is taken at once", judged([owner('Sandbox')]), taken],
  ["a RouteGroup's is taken at once", judged([owner('RouteGroup')]), taken],
  ['one of several owners is enough', judged([owner('ConfigMap', 'v1'), owner('Sandbox')]), taken],
  ["nobody's waits", judged(undefined), awaited],
  ['one without an owner waits', judged([]), awaited],
  ["another program's waits", judged([owner('Sandbox', 'example.com/v1')]), awaited],
  ['one that was accepted as it was before it was changed waits', judged(undefined, verdict('True', 1)), awaited],
  ['one that was refused as it was before it was changed waits', judged(undefined, verdict('False', 1)), awaited],
  ['a verdict about no generation is none', judged(undefined, verdict('True')), awaited],
  ['a verdict about something else is none', judged(undefined, verdict('True', 2, 'Ready')), awaited],
  ['one that is accepted as it is is taken', judged(undefined, verdict('True', 2)), taken],
  ['one that is refused as it is is refused', judged(undefined, verdict('False', 2)), refused],
  ['one of which nothing is known is refused', judged(undefined, verdict('Unknown', 2)), refused],
] as const) {
  t.test(`of Routes: ${fact}`, async (t) => {
    const kept = readRoute(given, allowed)
    t.match(kept, result)
    t.equal('refused' in kept, 'refused' in result)
    t.equal('awaited' in kept, 'awaited' in result)
  })
}

t.test('what the controller has accepted is refused if it leads to no pod', async (t) => {
  const accepted = judged(undefined, verdict('True', 2))
  t.match(readRoute({ ...accepted, spec: { ...accepted.spec, addresses: ['127.0.0.1:80'] } }, allowed), {
    refused: /loopback/,
  })
})

const keep = (one: Route, before?: WatchedRoute) => readWatchedRoute(one, allowed, before)

t.test('what was accepted holds until a change of it is judged', async (t) => {
  const changed = (...conditions: readonly Condition[]): Route => {
    const { metadata, spec, ...rest } = judged(undefined, ...conditions)
    return {
      ...rest,
      metadata: { ...metadata, generation: 3, resourceVersion: '8' },
      spec: { ...spec, key: 'pr-57', addresses: ['10.88.9.9:8080'] },
    }
  }
  const first = keep(judged(undefined, verdict('True', 2)))
  const { addresses } = route({}).spec
  const held = keep(changed(verdict('True', 2)), first)
  t.match(held, { key: 'pr-42', route: { text: { key: 'pr-42', addresses } }, metadata: { resourceVersion: '8' } })
  t.match(keep(changed(verdict('True', 3)), held), { key: 'pr-57', route: { text: { addresses: ['10.88.9.9:8080'] } } })
  t.match(keep(changed(verdict('False', 3)), held), { key: 'pr-57', route: refused })
  t.match(keep(changed(), keep(judged(undefined))), { key: 'pr-57', route: awaited }, 'nothing was accepted')
  t.match(keep(changed(), keep(judged(undefined, verdict('False', 2)))), { route: awaited }, 'it was refused')
  const { metadata } = changed()
  const other = { ...changed(), metadata: { ...metadata, uid: 'route-2' } }
  t.match(keep(other, first), { key: 'pr-57', route: awaited }, 'another one of the same name')
})

t.test('a ready route without an address and a key that is none are refused', async (t) => {
  t.match(readRoute(route({ addresses: [] }), allowed), { refused: /needs an address/ })
  t.match(readRoute(route({ key: 'a.b' }), allowed), { refused: /no routing key/ })
})

const wire = (...routes: readonly Route[]) => routeEntries('shop', 'cart', [80, 81], read(...routes))

t.test('a route holds for every port of its table, or for the one that it names', async (t) => {
  const to = ['10.88.1.7:8080']
  t.strictSame(wire(route({})), [
    { kind: 'route', table: 'shop/cart:80', key: 'pr-42', addresses: to },
    { kind: 'route', table: 'shop/cart:81', key: 'pr-42', addresses: to },
  ])
  t.strictSame(wire(route({ port: 81 })), [{ kind: 'route', table: 'shop/cart:81', key: 'pr-42', addresses: to }])
  t.strictSame(wire(route({ port: 82 })), [])
})

t.test('what is not ready says why and what happens instead', async (t) => {
  t.strictSame(wire(route({ port: 80, ready: false, reason: 'no image', unready: 'baseline', addresses: [] })), [
    {
      kind: 'route',
      table: 'shop/cart:80',
      key: 'pr-42',
      addresses: [],
      ready: false,
      reason: 'no image',
      unready: 'baseline',
    },
  ])
})

const to = (port: number) => ({ addresses: [`10.88.1.7:${port}`] })
const ports = (...routes: readonly Route[]) => wire(...routes).map(({ addresses }) => addresses[0])

t.test('of several routes with one key the one for the port counts, then the oldest', async (t) => {
  const general = route(to(1), 'a', '2026-01-01T00:00:00Z')
  const special = route({ ...to(2), port: 81 }, 'b', '2026-01-02T00:00:00Z')
  const later = route(to(3), 'c', '2026-01-03T00:00:00Z')
  const same = route(to(4), 'd', '2026-01-01T00:00:00Z')
  for (const order of [
    [general, special, later, same],
    [same, later, special, general],
  ])
    t.strictSame(ports(...order), ['10.88.1.7:1', '10.88.1.7:2'])
})
