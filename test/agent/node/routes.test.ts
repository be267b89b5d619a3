// From Routes to the wire, and which are refused.

import t from 'tap'
import { type NodeRoute, readRoute, routeEntries } from '../../../agent/node/routes.ts'
import { whyNoPod } from '../../../kubernetes/route-target.ts'
import type { Route, RouteSpec } from '../../../kubernetes/resources/route.ts'

const route = (spec: Partial<RouteSpec>, name = 'one', created = '2026-01-01T00:00:00Z'): Route => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Route',
  metadata: { namespace: 'shop', name, creationTimestamp: created },
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

const judged = (reason: string, observedGeneration = 2): Route => {
  const told = {
    type: 'Accepted',
    status: 'False' as const,
    reason,
    message: 'no pod of namespace shop',
    observedGeneration,
  }
  const { metadata, ...rest } = route({})
  const conditions = [{ ...told, lastTransitionTime: '2026-01-01T00:00:00Z' }]
  return { ...rest, metadata: { ...metadata, generation: 2 }, status: { conditions } }
}

t.test('a route that the controller says leads to a pod elsewhere is refused, until it is changed', async (t) => {
  for (const reason of ['NotOfTheSandbox', 'NotOfTheNamespace'])
    t.match(readRoute(judged(reason), allowed), { refused: /no pod of namespace shop/ })
  t.equal(read(judged('NotOfTheNamespace', 1)).length, 1)
  t.equal(read(judged('NoTable')).length, 1)
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
