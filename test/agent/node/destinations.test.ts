// From tables and endpoints to what is intercepted.

import t from 'tap'
import {
  type Endpoints,
  type Table,
  clusterDestinations,
  destinationEntry,
  endpointDestinations,
  inboundDestinations,
} from '../../../agent/node/destinations.ts'

const table = (service: string, fields: Partial<Table> = {}): Table => ({
  namespace: 'shop',
  service,
  clusterIPs: ['10.96.0.1'],
  ports: [{ port: 80, protocol: 'http' }],
  headless: false,
  ...fields,
})
const headless = (service: string, fields: Partial<Table> = {}) =>
  table(service, { clusterIPs: [], headless: true, ...fields })
const endpoints = (service: string, fields: Partial<Endpoints> = {}): Endpoints => ({
  namespace: 'shop',
  service,
  addresses: ['10.88.1.7'],
  ports: [{ name: '', port: 8080 }],
  ...fields,
})
const brief = (found: ReturnType<typeof clusterDestinations>) =>
  Object.fromEntries([...found].map(([text, { tables, protocol }]) => [text, [protocol, ...tables].join(' ')]))

t.test('a Service is intercepted at every cluster address and port', async (t) => {
  const cart = table('cart', {
    clusterIPs: ['10.96.0.1', 'fd96::1'],
    ports: [
      { port: 80, protocol: 'http' },
      { port: 9000, protocol: 'unknown' },
    ],
  })
  t.strictSame(brief(clusterDestinations([cart])), {
    '10.96.0.1:80': 'http shop/cart:80',
    '10.96.0.1:9000': 'unknown shop/cart:9000',
    '[fd96::1]:80': 'http shop/cart:80',
    '[fd96::1]:9000': 'unknown shop/cart:9000',
  })
})

t.test('ports of databases, queues, caches and mail are never intercepted, whatever they are declared', async (t) => {
  const ports = [25, 3306, 5432, 6379, 27_017, 9092, 5671, 5672, 11_211, 2379, 80]
  const all = ports.map((port) => ({ port, protocol: 'http' as const }))
  t.strictSame([...clusterDestinations([table('db', { ports: all })]).keys()], ['10.96.0.1:80'])
  const slices = [endpoints('db', { ports: ports.map((port) => ({ name: '', port })) })]
  t.strictSame([...endpointDestinations([headless('db')], slices, 'headless').keys()], ['10.88.1.7:80'])
})

t.test('a headless Service is intercepted at its endpoints, at the port that the pod has for it', async (t) => {
  const tables = [
    headless('cart', {
      ports: [
        { port: 80, name: 'web', protocol: 'http' },
        { port: 81, name: 'admin', protocol: 'unknown' },
      ],
    }),
    table('pricing'),
  ]
  const slices = [
    endpoints('cart', {
      addresses: ['10.88.1.7', '10.88.2.7'],
      ports: [
        { name: 'web', port: 8080 },
        { name: 'admin', port: 8081 },
        { name: 'other', port: 8082 },
      ],
    }),
    endpoints('cart', { addresses: ['fd88::7'], ports: [{ name: 'web', port: 8080 }] }),
    endpoints('pricing', { addresses: ['10.88.3.7'] }),
    endpoints('unknown', { addresses: ['10.88.4.7'] }),
    endpoints('cart', { namespace: 'other', addresses: ['10.88.5.7'] }),
  ]
  t.strictSame(brief(endpointDestinations(tables, slices, 'headless')), {
    '10.88.1.7:8080': 'http shop/cart:80',
    '10.88.2.7:8080': 'http shop/cart:80',
    '10.88.1.7:8081': 'unknown shop/cart:81',
    '10.88.2.7:8081': 'unknown shop/cart:81',
    '[fd88::7]:8080': 'http shop/cart:80',
  })
  t.strictSame(brief(clusterDestinations(tables)), { '10.96.0.1:80': 'http shop/pricing:80' })
})

t.test('a pod that dials pods has the endpoints of every table', async (t) => {
  const slices = [endpoints('cart'), endpoints('pricing', { addresses: ['10.88.3.7'] })]
  t.strictSame(brief(endpointDestinations([headless('cart'), table('pricing')], slices, 'all')), {
    '10.88.1.7:8080': 'http shop/cart:80',
    '10.88.3.7:8080': 'http shop/pricing:80',
  })
})

t.test('an address that several Services share has the routes of all, and is HTTP only if all say so', async (t) => {
  const tables = [
    headless('cart'),
    headless('cart-admin', { ports: [{ port: 81, protocol: 'unknown' }] }),
    headless('cart-all'),
  ]
  const slices = ['cart-all', 'cart-admin', 'cart'].map((service) => endpoints(service))
  const one = endpointDestinations(tables, slices, 'headless')
  t.strictSame(brief(one), { '10.88.1.7:8080': 'unknown shop/cart-admin:81 shop/cart-all:80 shop/cart:80' })
  t.equal(one.get('10.88.1.7:8080')?.service, 'shop/cart')
  t.strictSame(endpointDestinations(tables, slices.toReversed(), 'headless'), one, 'in whatever order they come')
})

t.test('the inbound side of a pod is its own addresses at the ports of Services', async (t) => {
  const slices = [
    endpoints('cart', { addresses: ['10.88.1.7', '10.88.1.8'] }),
    endpoints('cart', { addresses: ['fd88::7'] }),
    endpoints('pricing', { addresses: ['10.88.1.8'] }),
  ]
  t.strictSame(brief(inboundDestinations(['10.88.1.7', 'fd88::7'], [table('cart'), table('pricing')], slices)), {
    '10.88.1.7:8080': 'http shop/cart:80',
    '[fd88::7]:8080': 'http shop/cart:80',
  })
})

t.test('on the wire a destination has the local address of its number and family', async (t) => {
  const found = clusterDestinations([table('cart', { clusterIPs: ['10.96.0.1', 'fd96::1'] })])
  t.strictSame(
    [...found.values()].map((each) => destinationEntry(each, 258)),
    [
      {
        kind: 'destination',
        listen: '127.64.1.2:15001',
        service: 'shop/cart',
        baseline: '10.96.0.1:80',
        protocol: 'http',
        tables: ['shop/cart:80'],
      },
      {
        kind: 'destination',
        listen: '[fd7d:5d77::102]:15001',
        service: 'shop/cart',
        baseline: '[fd96::1]:80',
        protocol: 'http',
        tables: ['shop/cart:80'],
      },
    ],
  )
})
