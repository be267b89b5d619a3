// Connections that are older than the redirects that they would go by: they go on past the sidecar, and the node says so until they end.

import t from 'tap'
import { ROUTES, ROUTING_TABLES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { Caller } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { type NodeWorld, CART, KEY, OTHER, route, startApi, startNode, table } from '../../fixtures/node/node-world.ts'
import { until } from '../../fixtures/until.ts'

t.test('a node', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const api = await startApi(t)

  t.test('names a pod with connections from before its redirects until they have ended', async (t) => {
    const { pod, agent, report } = await startNode(t, api, 'early')
    await api.put(ROUTES, route('early'))
    const [one, other] = [await Caller.open(pod.inside, CART), await Caller.open(pod.inside, CART)]
    t.equal(await one.get(KEY), 'cart')
    t.equal(await other.get(KEY), 'cart')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await until(async () => (await said(report)).startsWith('2 connections'))
    t.match((await report())?.bypassing, [{ namespace: 'early', pod: 'web', reason: 'OldConnections' }])
    t.equal(await one.get(KEY), 'cart', 'they go on as they were')
    const newer = await Caller.open(pod.inside, CART)
    t.equal(await newer.get(KEY), 'fork')
    one.close()
    await until(async () => (await said(report)).startsWith('a connection'))
    other.close()
    await until(async () => (await said(report)) === '')
    t.equal(await newer.get(KEY), 'fork')
    newer.close()
  })

  t.test('names a pod with connections from before a Service was routed', async (t) => {
    const { pod, agent, report } = await startNode(t, api, 'later')
    await api.put(ROUTES, route('later'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, OTHER)
    t.equal(await caller.get(KEY), 'other')
    const { spec } = table('later', { service: 'other', clusterIPs: [OTHER.host] })
    await api.put(ROUTING_TABLES, { metadata: { namespace: 'later', name: 'other' }, spec })
    t.teardown(() => api.drop(ROUTING_TABLES, 'later', 'other'))
    await until(async () => (await said(report)).startsWith('a connection'))
    t.equal(await caller.get(KEY), 'other')
    caller.close()
    await until(async () => (await said(report)) === '')
  })

  t.test('names a pod with connections from while its sidecar stood still', async (t) => {
    const { pod, agent, report } = await startNode(t, api, 'stood')
    await api.put(ROUTES, route('stood'))
    const first = agent()
    const sidecar = await pod.startSidecar()
    await first.ready()
    sidecar.child.kill('SIGSTOP')
    // The kernel redirects no more after three seconds without a beat.
    let caller = await Caller.open(pod.inside, CART)
    await until(async () => {
      caller.close()
      caller = await Caller.open(pod.inside, CART)
      return (await Promise.race([caller.get(KEY), new Promise((resolve) => setTimeout(resolve, 500))])) === 'cart'
    })
    sidecar.child.kill('SIGCONT')
    await until(async () => (await said(report)).startsWith('a connection'))
    t.equal(await caller.get(KEY), 'cart')
    caller.close()
    await until(async () => (await said(report)) === '')
  })
})

/** Of the one pod; empty if nothing. */
async function said(report: NodeWorld['report']): Promise<string> {
  return (await report())?.bypassing[0]?.message ?? ''
}
