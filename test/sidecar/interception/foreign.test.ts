// Port 15001 serves redirected calls of its own pod and nothing else, and never its own.

import t from 'tap'
import { INTERCEPT_PORT } from '../../../core/interception.ts'
import type { Entry } from '../../../core/wire.ts'
import { Caller, call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, POD, POD_6, PRICING, intercepted } from '../../fixtures/namespace/pod.ts'
import { KEY, startShop } from '../../fixtures/namespace/shop.ts'
import { until } from '../../fixtures/until.ts'

/** Without a byte, as its caller sees it. */
const CLOSED = /^(ECONNRESET|EPIPE|closed)$/

t.test('a foreign connection', { skip: NO_NAMESPACES }, async (t) => {
  const { pod, agent } = await startShop(t)
  const guarded = () => pod.inside.run('nft', ['list', 'chain', 'inet', 'sidetrack', 'guard'])

  await t.test('from elsewhere does not come through', async (t) => {
    const calling = call(pod.outside, { host: POD, port: INTERCEPT_PORT }, KEY)
    await until(async () => /counter packets [1-9]/.test(await guarded()))
    t.equal(agent.state?.events['not-redirected'], undefined)
    // Its next attempt finds no guard any more: then the sidecar closes it.
    await pod.nft('flush chain inet sidetrack guard\n')
    t.match(await calling, CLOSED)
    await until(() => agent.state?.events['not-redirected'] === 1)
  })

  for (const [fact, host, event] of [
    ['over IPv6', POD_6, 'not-redirected'],
    ['from the pod itself', '127.0.0.1', 'not-redirected'],
    ['from the pod itself over IPv6', '::1', 'not-redirected'],
    ['to a local address that stands for nothing', '127.64.0.9', 'unknown-destination'],
    ['to one of IPv6', 'fd7d:5d77::9', 'unknown-destination'],
  ] as const) {
    await t.test(`${fact} is closed without a byte`, async (t) => {
      const before = agent.state?.events[event] ?? 0
      const from = host === POD_6 ? pod.outside : pod.inside
      t.match(await call(from, { host, port: INTERCEPT_PORT }, KEY), CLOSED)
      await until(() => agent.state?.events[event] === before + 1)
    })
  }

  await t.test('does not keep others from being served', async (t) => {
    t.equal(await call(pod.inside, CART, KEY), 'fork')
  })
})

t.test('a sidecar whose own calls come back to it closes them', { skip: NO_NAMESPACES }, async (t) => {
  const pricing = intercepted('pricing', PRICING, 2, 'unknown')
  const { pod, agent } = await startShop(t, { destinations: [intercepted('cart', CART, 1), pricing] })
  await pod.serve(PRICING, named('pricing'))
  await pod.forgetSidecarUser()
  for (const [what, to] of [
    ['HTTP', CART],
    ['a port of unknown protocol', PRICING],
  ] as const) {
    const before = agent.state?.events['loop'] ?? 0
    t.equal(await call(pod.inside, to), 'ECONNRESET', what)
    await until(() => (agent.state?.events['loop'] ?? 0) > before)
    t.equal(agent.state?.events['loop'], before + 1, 'after one round')
  }
  const silent = await Caller.open(pod.inside, PRICING)
  await silent.peer.untilClosed()
  t.pass('nor does silence go round')
})

t.test('a route that is not in force harms nobody', { skip: NO_NAMESPACES }, async (t) => {
  const { pod, agent } = await startShop(t)
  const bad = { kind: 'route', table: 'cart', key: 'x', addresses: ['nowhere'] } as unknown as Entry
  agent.send({ put: bad }, { revision: 99 })
  await until(() => agent.sockets.length === 2)
  await agent.untilApplied()
  t.equal(await call(pod.inside, CART, KEY), 'fork')
})
