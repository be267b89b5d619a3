// Agents of a node come and go: redirects and open connections stay, until Sidetrack itself is removed.

import t from 'tap'
import { ROUTES, ROUTING_TABLES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { Caller, call } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, KEY, ROUTE, route, startApi, startNode } from '../../fixtures/node/node-world.ts'
import { until } from '../../fixtures/until.ts'

t.test('a node', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const api = await startApi(t)

  t.test('open connections survive the death of the agent, and the next one goes on where it ended', async (t) => {
    const { pod, agent, map } = await startNode(t, api, 'adopted')
    await api.put(ROUTES, route('adopted'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, CART)
    t.equal(await caller.get(KEY), 'fork')
    const before = await map('destination4')
    await first.kill('SIGKILL')
    t.equal(await caller.get(KEY), 'fork')
    t.equal(await call(pod.inside, CART, KEY), 'fork', 'new connections too')
    const second = agent()
    await second.ready()
    t.equal(await map('destination4'), before)
    t.equal(await caller.get(KEY), 'fork')
    await api.drop(ROUTES, 'adopted', ROUTE)
    await until(async () => (await caller.get(KEY)) === 'cart')
    caller.close()
  })

  t.test('an agent that is told to end leaves the redirects, and the next one finds them', async (t) => {
    const { pod, agent, map } = await startNode(t, api, 'upgraded')
    await api.put(ROUTES, route('upgraded'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, CART)
    t.equal(await caller.get(KEY), 'fork')
    await first.kill('SIGTERM')
    t.equal(first.child.exitCode, 0)
    t.equal(await call(pod.inside, CART, KEY), 'fork')
    // What has changed meanwhile is in force when the next one is ready.
    await api.drop(ROUTING_TABLES, 'upgraded', 'cart')
    await agent().ready()
    t.notMatch(await map('destination4'), CART.host)
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    // An open connection has lost its route, not its life.
    await until(async () => (await caller.get(KEY)) === 'cart')
    caller.close()
  })

  t.test('takes every redirect away when Sidetrack is removed, and breaks nothing', async (t) => {
    const { pod, agent, report, map } = await startNode(t, api, 'removed')
    await api.put(ROUTES, route('removed'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, CART)
    t.equal(await caller.get(KEY), 'fork')
    await first.kill('SIGTERM')
    const last = agent({ SIDETRACK_REMOVE: 'true' })
    await last.ready()
    t.notMatch(await map('destination4'), CART.host)
    t.equal(await caller.get(KEY), 'fork', 'what goes through the sidecar goes on')
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    await until(async () => (await report())?.bypassing[0]?.reason === 'Removed')
    t.match(await pod.nft('list', 'tables'), 'sidetrack')
    caller.close()
    const waiting = async () => (await last.page<readonly { readonly waiting: string }[]>('/sidecars'))[0]?.waiting
    await until(async () => (await waiting()) === 'removed')
    t.notMatch(await pod.nft('list', 'tables'), 'sidetrack')
  })
})
