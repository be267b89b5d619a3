import t from 'tap'
import { routedPorts } from '../../../controller/routing/ports.ts'
import { routingTable } from '../../../controller/routing/table.ts'
import type { Service } from '../../../kubernetes/resources/builtin.ts'
import { CART_LABELS, service } from '../../fixtures/shop-objects.ts'

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number]

const OPTED_IN = { optedIn: [CART_LABELS], forked: false }

t.test('the table of a Service of opted-in pods says its addresses and ports', async (t) => {
  t.strictSame(routingTable(service('cart', { clusterIPs: ['10.96.0.10', 'fd00::10'] }), OPTED_IN), {
    kind: 'RoutingTable',
    metadata: {
      namespace: 'shop',
      name: 'cart',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'cart', uid: 'uid-service-cart', controller: true }],
    },
    spec: {
      service: 'cart',
      clusterIPs: ['10.96.0.10', 'fd00::10'],
      ports: [{ port: 80, name: 'http', protocol: 'http' }],
    },
  })
})

t.test('a headless Service has no addresses of its own', async (t) => {
  const headless = service('cart', { clusterIP: 'None', clusterIPs: ['None'] })
  t.match(routingTable(headless, OPTED_IN)?.spec, { clusterIPs: [], headless: true })
})

const ROUTED: readonly [string, Service, { optedIn: readonly Record<string, string>[]; forked: boolean }, boolean][] = [
  ['a Service of opted-in pods', service('cart'), OPTED_IN, true],
  ['a Service of other pods', service('web'), OPTED_IN, false],
  ['a Service of other pods that a sandbox forks', service('web'), { optedIn: [], forked: true }, true],
  ['a Service without selector', service('cart', { selector: {} }), OPTED_IN, false],
  ['an ExternalName', service('cart', { type: 'ExternalName' }), OPTED_IN, false],
  ['a Service whose address is on the way', service('cart', { clusterIP: '', clusterIPs: [] }), OPTED_IN, false],
  ['a Service of nothing but TLS', service('cart', { ports: [{ name: 'https', port: 443 }] }), OPTED_IN, false],
  [
    'a fork’s own Service',
    service('cart--pr-42', { selector: CART_LABELS }, { 'sidetrack.dev/sandbox': 'pr-42' }),
    OPTED_IN,
    false,
  ],
  [
    'a Service that a Rollout switches',
    service('cart', { selector: { app: 'cart', 'rollouts-pod-template-hash': 'abc' } }),
    OPTED_IN,
    true,
  ],
]

for (const [name, each, by, expected] of ROUTED) {
  t.test(`${expected ? 'routed' : 'not routed'}: ${name}`, async (t) => {
    t.equal(routingTable(each, by) !== undefined, expected)
  })
}

const PORTS: readonly [string, Partial<Port>, 'http' | 'unknown' | undefined][] = [
  ['appProtocol http', { appProtocol: 'http' }, 'http'],
  ['appProtocol HTTP', { appProtocol: 'HTTP' }, 'http'],
  ['appProtocol h2c', { appProtocol: 'kubernetes.io/h2c' }, 'http'],
  ['appProtocol ws', { appProtocol: 'kubernetes.io/ws' }, 'http'],
  ['appProtocol grpc', { appProtocol: 'grpc' }, 'http'],
  ['appProtocol https', { appProtocol: 'https' }, undefined],
  ['appProtocol wss', { appProtocol: 'kubernetes.io/wss' }, undefined],
  ['appProtocol mysql', { appProtocol: 'mysql' }, undefined],
  ['an appProtocol that nobody knows', { appProtocol: 'example.com/x' }, 'unknown'],
  ['appProtocol before the name', { appProtocol: 'example.com/x', name: 'http' }, 'unknown'],
  ['name http', { name: 'http' }, 'http'],
  ['name http-admin', { name: 'http-admin' }, 'http'],
  ['name http2', { name: 'http2' }, 'http'],
  ['name grpc-cart', { name: 'grpc-cart' }, 'http'],
  ['name grpc-web', { name: 'grpc-web' }, 'http'],
  ['name web', { name: 'web' }, 'http'],
  ['name https', { name: 'https' }, undefined],
  ['name https-web', { name: 'https-web' }, undefined],
  ['name redis', { name: 'redis' }, undefined],
  ['name httpd: no word that is known', { name: 'httpd' }, 'unknown'],
  ['no name', {}, 'unknown'],
  ['UDP', { name: 'http', protocol: 'UDP' }, undefined],
]

for (const [name, port, expected] of PORTS) {
  t.test(`a port with ${name}: ${expected ?? 'not routed'}`, async (t) => {
    const [found] = routedPorts(service('cart', { ports: [{ port: 80, ...port }] }))
    t.equal(found?.protocol, expected)
  })
}
