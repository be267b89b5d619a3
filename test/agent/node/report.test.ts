// What a node's agent says in the cluster: how far it is, and who bypasses and why.

import t from 'tap'
import { ROUTES, ROUTING_TABLES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { call } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, KEY, route, startApi, startNode, table } from '../../fixtures/node/node-world.ts'
import { until } from '../../fixtures/until.ts'

t.test('a node', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const api = await startApi(t)

  t.test('has a Route in force when its report says so', async (t) => {
    const { pod, agent, report } = await startNode(t, api, 'reported')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await until(async () => (await report()) !== undefined)
    const wanted = await api.put(ROUTING_TABLES, table('reported'))
    await until(async () => BigInt((await report())?.tables ?? 0) >= wanted)
    t.match(await report(), { sidecars: 1, bypassing: [] })
    for (const round of [1, 2, 3]) {
      const changed = await api.put(ROUTES, route('reported', { ready: round % 2 === 1, reason: `round ${round}` }))
      await until(async () => BigInt((await report())?.routes ?? 0) >= changed)
      const answer = await call(pod.inside, CART, KEY)
      if (round % 2 === 1) t.equal(answer, 'fork')
      else t.not(answer, 'fork')
    }
  })

  t.test('leads calls to the baseline when a sidecar dies, says so, and takes it back', async (t) => {
    const { pod, agent, report, map } = await startNode(t, api, 'down')
    await api.put(ROUTES, route('down'))
    const first = agent()
    const sidecar = await pod.startSidecar()
    await first.ready()
    t.equal(await call(pod.inside, CART, KEY), 'fork')
    await sidecar.kill('SIGKILL')
    await until(async () => (await call(pod.inside, CART, KEY)) === 'cart')
    await until(async () => (await report())?.bypassing[0]?.reason === 'SidecarDown')
    t.notMatch(await map('destination4'), CART.host)
    t.match(await report(), { sidecars: 0, bypassing: [{ namespace: 'down', pod: 'web' }] })
    await pod.startSidecar()
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    await until(async () => (await report())?.bypassing.length === 0)
  })

  t.test('says that a sidecar hangs, and does not wait for it', async (t) => {
    const { pod, agent, report } = await startNode(t, api, 'hung')
    const first = agent()
    const sidecar = await pod.startSidecar()
    await first.ready()
    await sidecar.kill('SIGSTOP')
    const changed = await api.put(ROUTES, route('hung'))
    await until(async () => (await report())?.bypassing[0]?.reason === 'SidecarDown')
    await until(async () => BigInt((await report())?.routes ?? 0) >= changed)
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    await sidecar.kill('SIGCONT')
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    await until(async () => (await report())?.bypassing.length === 0)
  })

  t.test('does not redirect a pod with another process of the same user, and says why', async (t) => {
    const { pod, agent, report, map } = await startNode(t, api, 'shared')
    const first = agent()
    const sidecar = await pod.startSidecar()
    await first.ready()
    t.match(await map('destination4'), CART.host)
    const app = pod.program.start(pod.inside)
    await pod.started('app', app.child.pid ?? 0)
    await until(async () => (await report())?.bypassing[0]?.reason === 'NotRedirected')
    t.match((await report())?.bypassing[0]?.message, /runs as user 1337/)
    t.notMatch(await map('destination4'), CART.host)
    await sidecar.kill('SIGKILL')
  })
})
