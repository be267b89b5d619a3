import t from 'tap'
import { readyAddresses } from '../../../controller/routing/addresses.ts'
import { type ForkedEndpoints, routeName, routes } from '../../../controller/routing/routes.ts'
import type { EndpointSlice } from '../../../kubernetes/resources/builtin.ts'
import { endpoint as pod, slice } from '../../fixtures/endpoint-slices.ts'
import { service } from '../../fixtures/shop-objects.ts'

const OWNER = { apiVersion: 'sidetrack.dev/v1alpha1', kind: 'Sandbox', name: 'pr-42', uid: 'uid', controller: true }
const BY = { namespace: 'shop', key: 'key', owner: OWNER }
const forked = (change: Partial<ForkedEndpoints> = {}): ForkedEndpoints => ({
  sandbox: 'pr-42',
  service: service('cart'),
  slices: [slice([pod('10.0.0.2'), pod('10.0.0.1')])],
  reason: '',
  unready: 'fail',
  ...change,
})

const ADDRESSES: readonly [string, readonly EndpointSlice[], readonly string[], readonly string[]][] = [
  [
    'every ready pod, sorted',
    [slice([pod('10.0.0.2')]), slice([pod('10.0.0.1')])],
    ['IPv4'],
    ['10.0.0.1:8080', '10.0.0.2:8080'],
  ],
  ['a pod that is not ready is left out', [slice([pod('10.0.0.1', { ready: false })])], ['IPv4'], []],
  ['a pod that says nothing is ready', [slice([pod('10.0.0.1', {})])], ['IPv4'], ['10.0.0.1:8080']],
  [
    'a pod that ends is left out, even if it is ready',
    [slice([pod('10.0.0.1', { ready: true, serving: true, terminating: true })])],
    ['IPv4'],
    [],
  ],
  ['another port is not taken', [slice([pod('10.0.0.1')], [{ name: 'admin', port: 1 }])], ['IPv4'], []],
  ['UDP is not taken', [slice([pod('10.0.0.1')], [{ name: 'http', port: 1, protocol: 'UDP' }])], ['IPv4'], []],
  [
    'ports of one name may differ by pod',
    [slice([pod('10.0.0.1')]), slice([pod('10.0.0.2')], [{ name: 'http', port: 9 }])],
    ['IPv4'],
    ['10.0.0.1:8080', '10.0.0.2:9'],
  ],
  [
    'a pod of both families has one address, of the Service’s first',
    [slice([pod('10.0.0.1', {}, 'a')]), slice([pod('fd00::1', {}, 'a'), pod('fd00::2', {}, 'b')], undefined, 'IPv6')],
    ['IPv6', 'IPv4'],
    ['[fd00::1]:8080', '[fd00::2]:8080'],
  ],
  ['a name is no address', [slice([pod('example.org')], [{ name: 'http', port: 1 }], 'FQDN')], ['IPv4'], []],
]

for (const [name, slices, families, expected] of ADDRESSES) {
  t.test(name, async (t) => {
    t.strictSame(readyAddresses(slices, 'http', families), expected)
  })
}

t.test('a route names its table, key, sandbox, port and addresses, and no more', async (t) => {
  t.strictSame(routes(BY, [forked()]), [
    {
      kind: 'Route',
      metadata: {
        namespace: 'shop',
        name: 'cart.80.sandbox.pr-42',
        labels: { 'sidetrack.dev/sandbox': 'pr-42' },
        ownerReferences: [OWNER],
      },
      spec: { table: 'cart', port: 80, key: 'key', sandbox: 'pr-42', addresses: ['10.0.0.1:8080', '10.0.0.2:8080'] },
    },
  ])
})

t.test('a fork that is not ready says why, and what a request gets', async (t) => {
  const waiting = forked({ slices: [slice([])], reason: 'pulling', unready: 'baseline' })
  t.match(routes(BY, [waiting])[0]?.spec, { addresses: [], ready: false, reason: 'pulling', unready: 'baseline' })
})

t.test('a Service with several ports has a route for each that is routed, ready by itself', async (t) => {
  const ports = [
    { name: 'http', port: 80, targetPort: 'http' },
    { name: 'admin', port: 81, targetPort: 'admin' },
    { name: 'redis', port: 6379 },
  ]
  t.match(
    routes(BY, [forked({ service: service('cart', { ports }) })]).map(({ spec }) => spec),
    [
      { port: 80, ready: undefined },
      { port: 81, addresses: [], ready: false, reason: 'no pod of the fork has the port that the Service targets' },
    ],
  )
})

t.test('a port without name is that of the only port of a Service', async (t) => {
  const unnamed = forked({
    service: service('cart', { ports: [{ port: 80 }] }),
    slices: [slice([pod('10.0.0.1')], [{ port: 80 }])],
  })
  t.match(routes(BY, [unnamed])[0]?.spec, { addresses: ['10.0.0.1:80'] })
})

t.test('a reason that is too long for an answer is cut', async (t) => {
  const [route] = routes(BY, [forked({ slices: [], reason: 'x'.repeat(1000) })])
  t.match(route?.spec, { reason: 'x'.repeat(500) })
})

t.test('names of routes never meet', async (t) => {
  const names = [
    routeName('cart', 80, { kind: 'Sandbox', name: 'a' }),
    routeName('cart', 80, { kind: 'RouteGroup', name: 'a' }),
    routeName('cart', 8, { kind: 'Sandbox', name: '0.a' }),
    routeName('cart', 80, { kind: 'Sandbox', name: 'b'.repeat(253) }),
    routeName('cart', 80, { kind: 'Sandbox', name: `${'b'.repeat(252)}c` }),
  ]
  t.equal(new Set(names).size, names.length)
  for (const name of names) t.match(name, /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
})
