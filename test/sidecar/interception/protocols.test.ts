// What else arrives on the one listener: protocols that nobody declared, baselines that are not there, calls to the pod itself.

import t from 'tap'
import type { Entry } from '../../../core/wire.ts'
import { Caller, call, greeting, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, POD, PRICING, intercepted } from '../../fixtures/namespace/pod.ts'
import { KEY, cart, startShop } from '../../fixtures/namespace/shop.ts'
import { until } from '../../fixtures/until.ts'

const APP = { host: POD, port: 8080 }
const DATABASE = { host: PRICING.host, port: 4000 }
const NOTHING = { host: PRICING.host, port: 81 }

t.test('on the listener of all destinations', { skip: NO_NAMESPACES }, async (t) => {
  const database = intercepted('database', DATABASE, 2, 'unknown')
  const pricing = intercepted('pricing', PRICING, 3, 'unknown')
  const nothing = intercepted('nothing', NOTHING, 4)
  const { pod, agent } = await startShop(t, { destinations: [cart, database, pricing, nothing] })
  await pod.serve(DATABASE, greeting('220 ready\r\n'))
  await pod.serve(PRICING, (socket) => socket.once('data', () => socket.end('pong')))

  await t.test('a server that speaks first is heard', async (t) => {
    for (let i = 0; i < 2; i++) {
      const caller = await Caller.open(pod.inside, DATABASE)
      t.equal(await caller.peer.untilText('\n'), '220 ready\r\n')
      caller.close()
    }
  })

  await t.test('a client that speaks no HTTP reaches its server', async (t) => {
    const caller = await Caller.open(pod.inside, PRICING)
    caller.peer.send('ping ping\n')
    t.equal(await caller.peer.untilEnd(), 'pong')
  })

  await t.test('TLS of the app’s own reaches its server, on a port declared HTTP too', async (t) => {
    const caller = await Caller.open(pod.inside, CART)
    caller.peer.send('\x16\x03\x01\x00\x05hello')
    t.match(await caller.peer.untilEnd(), /^HTTP\/1.1 400 /, 'the server’s own answer: it speaks no TLS')
  })

  await t.test('a baseline that refuses is a connection that breaks', async (t) => {
    t.equal(await call(pod.inside, NOTHING), 'ECONNRESET')
  })

  await t.test('the sidecar counts what it copied unread', async (t) => {
    await until(() => agent.state?.copied['cart'] !== undefined)
    t.strictSame(agent.state?.copied, { cart: { tls: 1 }, database: { 'server-first': 2 }, pricing: { other: 1 } })
  })
})

t.test('calls from others to the pod are routed, where it wants that', { skip: NO_NAMESPACES }, async (t) => {
  const { pod, agent } = await startShop(t)
  await pod.inside.listen(t, APP.host, APP.port, named('app'))
  const inbound: Entry = {
    kind: 'destination',
    listen: '0.0.0.0:15100',
    service: 'cart',
    baseline: `${POD}:8080`,
    protocol: 'http',
    tables: ['cart'],
    inbound: true,
  }
  await agent.apply({ put: inbound })
  t.equal(await call(pod.outside, APP, KEY), 'app', 'before the redirect')
  await pod.nft(`add element inet sidetrack inbound4 { ${POD} . 8080 : 15100 }\n`)
  t.equal(await call(pod.outside, APP, KEY), 'fork')
  t.equal(await call(pod.outside, APP), 'app')
  t.equal(await call(pod.inside, CART, KEY), 'fork', 'and its own calls still are')
  await until(() => agent.state?.inbound['cart'] !== undefined)
  t.strictSame(agent.state?.inbound, { cart: { baseline: 1, fork: 1 } })
  t.strictSame(
    agent.state?.listeners.map(({ listen, service }) => [listen, service]),
    [
      ['[::]:15001', '*'],
      ['0.0.0.0:15100', 'cart'],
    ],
  )
})

t.test('a pod without IPv6 is served as well', { skip: NO_NAMESPACES }, async (t) => {
  const { pod } = await startShop(t, { families: [4] })
  await t.rejects(pod.inside.connect('::1', 1), { code: 'EADDRNOTAVAIL' })
  t.equal(await call(pod.inside, CART, KEY), 'fork')
})
