// Calls that the kernel redirects to the sidecar are routed, and nothing else is.

import t from 'tap'
import type { Entry } from '../../../core/wire.ts'
import { AgentEnd } from '../../fixtures/namespace/agent-end.ts'
import { Caller, call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, CART_6, FORK, FORK_6, OTHER_FORK, PRICING, intercepted, startPod } from '../../fixtures/namespace/pod.ts'
import { sidecarProgram } from '../../fixtures/namespace/sidecar.ts'
import { until } from '../../fixtures/until.ts'

const cart = intercepted('cart', CART, 1)
const cart6 = intercepted('cart', CART_6, 1)
const pricing = intercepted('pricing', PRICING, 65_541)
const route = (key: string, ...addresses: readonly string[]): Entry => ({
  kind: 'route',
  table: 'cart',
  key,
  addresses,
})

t.test('redirected calls', { skip: NO_NAMESPACES }, async (t) => {
  const pod = await startPod(t)
  const program = await sidecarProgram(t)
  const agent = new AgentEnd()
  for (const [at, name] of [
    [CART, 'cart'],
    [CART_6, 'cart over IPv6'],
    [PRICING, 'pricing'],
    [FORK, 'fork'],
    [FORK_6, 'fork over IPv6'],
  ] as const)
    await pod.serve(at, named(name))
  await agent.listen(t, pod.inside, [
    cart.entry,
    cart6.entry,
    pricing.entry,
    route('pr-1', '10.88.2.7:8080'),
    route('pr-6', '[fd00:88:2::7]:8080'),
    route('two', '10.88.2.8:8080', '10.88.2.7:8080'),
  ])

  const early = await Caller.open(pod.inside, CART)
  t.equal(await early.get('pr-1'), 'cart', 'before the sidecar is there')
  program.start(pod.inside)
  await agent.untilApplied()
  t.equal(await call(pod.inside, CART, 'pr-1'), 'cart', 'before the redirect is there')
  await pod.redirect(cart, cart6, pricing)
  await until(() => pod.beats())

  await t.test('go to the fork of their key, or to the address that they called', async (t) => {
    t.equal(await call(pod.inside, CART, 'pr-1'), 'fork')
    t.equal(await call(pod.inside, CART, 'pr-6'), 'fork over IPv6')
    t.equal(await call(pod.inside, CART), 'cart')
    t.equal(await call(pod.inside, CART_6, 'pr-1'), 'fork')
    t.equal(await call(pod.inside, CART_6), 'cart over IPv6')
    t.equal(await call(pod.inside, PRICING, 'pr-1'), 'pricing', 'two destinations on one listener do not mix')
    t.equal(await call(pod.inside, FORK), 'fork', 'an address that is not redirected')
  })

  await t.test('connections from before the redirect go on as they were', async (t) => {
    t.equal(await early.get('pr-1'), 'cart')
    t.equal(await early.get(), 'cart')
    t.equal(early.peer.error, undefined)
  })

  await t.test('a pod of a fork that refuses connections is passed over', async (t) => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(pod.inside, CART, 'two')))
    t.strictSame(new Set(answers), new Set(['fork']))
    t.equal(agent.state?.requests['cart']?.['ST1102'], undefined)
  })

  await t.test('calls spread over the pods of a fork, and stay at one on one connection', async (t) => {
    await pod.serve(OTHER_FORK, named('other fork'))
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(pod.inside, CART, 'two')))
    t.strictSame(new Set(answers), new Set(['fork', 'other fork'])) // by chance not: once in 10^12
    const caller = await Caller.open(pod.inside, CART)
    const first = await caller.get('two')
    for (let i = 0; i < 20; i++) t.equal(await caller.get('two'), first)
    caller.close()
  })

  await t.test('redirected connections survive the end of the redirect and of its entry', async (t) => {
    const kept = await Caller.open(pod.inside, CART)
    t.equal(await kept.get('pr-1'), 'fork')
    await pod.unredirect(cart)
    await agent.apply({ drop: { kind: 'destination', listen: cart.entry.listen } })
    t.equal(await kept.get(), 'cart')
    t.equal(await kept.get('pr-1'), 'cart', 'nobody would tell it of a fork that goes')
    t.equal(await call(pod.inside, CART, 'pr-1'), 'cart', 'new ones are the kernel’s')
    await agent.apply({ put: cart.entry })
    await pod.redirect(cart)
    t.equal(await call(pod.inside, CART, 'pr-1'), 'fork')
    t.equal(await kept.get('pr-1'), 'cart')
    kept.close()
  })

  await t.test('the sidecar says what it did', async (t) => {
    await until(() => (agent.state?.requests['cart']?.['fork'] ?? 0) > 80)
    t.match(agent.state, {
      listeners: [{ listen: '[::]:15001', service: '*' }],
      requests: { pricing: { baseline: 1, fork: 0 } },
      inbound: {},
      copied: {},
      redirected: false,
      draining: false,
    })
    t.strictSame(agent.state?.events, {})
    agent.send({ redirected: true })
    await until(() => agent.state?.redirected === true)
  })
})
