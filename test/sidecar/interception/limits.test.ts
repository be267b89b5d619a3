// Redirected calls are within the same limits as all others.

import t from 'tap'
import type { Address } from '../../../core/address.ts'
import { Caller, call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES, type Namespace } from '../../fixtures/namespace/namespace.ts'
import { CART, PRICING, intercepted } from '../../fixtures/namespace/pod.ts'
import { KEY, cart, startShop } from '../../fixtures/namespace/shop.ts'
import { until } from '../../fixtures/until.ts'

/** A connection that has a place; a call that has just ended may still have had it. */
async function served(from: Namespace, at: Address, name: string): Promise<Caller> {
  for (;;) {
    const caller = await Caller.open(from, at)
    if ((await caller.get()) === name) return caller
    caller.close()
  }
}

t.test('redirected calls past the limit of connections', { skip: NO_NAMESPACES }, async (t) => {
  const pricing = intercepted('pricing', PRICING, 65_541)
  const settings = { SIDETRACK_MAX_CONNECTIONS: '2' }
  const { pod, agent } = await startShop(t, { destinations: [cart, pricing], settings })
  await pod.serve(PRICING, named('pricing'))
  const first = await served(pod.inside, CART, 'cart')
  const second = await served(pod.inside, PRICING, 'pricing')

  await t.test('are refused at every destination, with the reason', async (t) => {
    for (const at of [CART, PRICING]) {
      const late = await Caller.open(pod.inside, at)
      late.peer.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      t.match(await late.peer.untilEnd(), /^HTTP\/1\.1 503 .*\r\nsidetrack-error: ST1105\r\n/s)
    }
    t.equal(await first.get(KEY), 'fork')
    t.equal(await second.get(), 'pricing')
    await until(() => (agent.state?.events['connections-refused'] ?? 0) >= 2)
  })

  await t.test('are served again when a place is free', async (t) => {
    first.close()
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    t.equal(await second.get(), 'pricing')
    second.close()
  })
})
