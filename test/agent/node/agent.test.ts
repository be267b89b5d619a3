// The agent of a node as a process: a real API server, real network namespaces, real sidecars; the test is the kubelet and the controller.

import { networkInterfaces } from 'node:os'
import t from 'tap'
import { ROUTES, ROUTING_TABLES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { Caller, call } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { CART, ENDPOINT, KEY, OTHER, ROUTE, route, startApi, startNode, table } from '../../fixtures/node/node-world.ts'
import { until } from '../../fixtures/until.ts'

t.test('a node', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const api = await startApi(t)

  t.test('keyed calls of a pod reach the fork as soon as there is a Route, others the baseline', async (t) => {
    const { pod, agent } = await startNode(t, api, 'routed')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    await api.put(ROUTES, route('routed'))
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    t.equal(await call(pod.inside, CART), 'cart')
    await api.drop(ROUTES, 'routed', ROUTE)
    await until(async () => (await call(pod.inside, CART, KEY)) === 'cart')
  })

  t.test('a table that goes takes its redirect with it, and resets nothing', async (t) => {
    const { pod, agent } = await startNode(t, api, 'withdrawn')
    await api.put(ROUTES, route('withdrawn'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, CART)
    t.equal(await caller.get(KEY), 'fork')
    await api.drop(ROUTING_TABLES, 'withdrawn', 'cart')
    await until(async () => (await call(pod.inside, CART, KEY)) === 'cart')
    t.equal(await caller.get(), 'cart')
    await api.put(ROUTING_TABLES, table('withdrawn', { clusterIPs: [OTHER.host] }))
    await until(async () => (await call(pod.inside, OTHER, KEY)) === 'fork')
    t.equal(await caller.get(), 'cart')
    caller.close()
  })

  t.test("a Route that points at one of the node's own addresses is not programmed", async (t) => {
    const { pod, agent } = await startNode(t, api, 'refused')
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    const address = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
    if (address === undefined) return t.pass('this machine has no address')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await api.put(ROUTES, route('refused', { addresses: [`${address}:8080`] }))
    const { metadata, ...later } = route('refused', { key: 'pr-2' })
    await api.put(ROUTES, { ...later, metadata: { ...metadata, name: 'later' } })
    await until(async () => (await call(pod.inside, CART, 'pr-2')) === 'fork')
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    return undefined
  })

  t.test('a Route that a person wrote is in force when the controller has accepted it as it is', async (t) => {
    const { pod, agent } = await startNode(t, api, 'foreign')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const metadata = { namespace: 'foreign', name: ROUTE }
    let count = 0
    const settled = async () => {
      const { metadata: owned, ...rest } = route('foreign', { key: `mark-${++count}` })
      await api.put(ROUTES, { ...rest, metadata: { ...owned, name: 'mark' } })
      await until(async () => (await call(pod.inside, CART, `mark-${count}`)) === 'fork')
    }
    const write = async (spec = {}) => {
      await api.put(ROUTES, { ...route('foreign', spec), metadata })
      await settled()
    }
    const judge = async (status: 'True' | 'False') => {
      const { generation = 0 } = (await api.client.get(ROUTES, metadata)).metadata
      const lastTransitionTime = '2026-01-01T00:00:00Z'
      const condition = {
        type: 'Accepted',
        status,
        reason: 'Any',
        message: 'not of this namespace',
        lastTransitionTime,
      }
      const conditions = [{ ...condition, observedGeneration: generation }]
      await api.client.applyStatus(ROUTES, { metadata, status: { conditions } }, { force: true })
      await settled()
    }
    await write()
    t.equal(await call(pod.inside, CART, KEY), 'cart', 'nobody has judged it')
    await judge('True')
    t.equal(await call(pod.inside, CART, KEY), 'fork')
    await write({ addresses: [`${ENDPOINT.host}:${ENDPOINT.port}`] })
    t.equal(await call(pod.inside, CART, KEY), 'fork', 'what was accepted holds')
    await judge('False')
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    await write()
    t.equal(await call(pod.inside, CART, KEY), 'cart', 'what was refused is not in force before the next verdict')
    await judge('True')
    t.equal(await call(pod.inside, CART, KEY), 'fork')
  })

  t.test('a pod that goes leaves nothing behind', async (t) => {
    const { pod, agent } = await startNode(t, api, 'gone')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await pod.delete()
    await until(async () => (await first.page<readonly unknown[]>('/sidecars')).length === 0)
    t.notOk(/"level":"(warn|error)"/.test(first.output.text), first.output.text)
  })
})
