// Annotations of a pod that are changed while it runs: what it asks for holds from then on, and breaks nothing that is open.

import t from 'tap'
import { ENDPOINT_SLICES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { Caller, call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { POD_ADDRESS } from '../../fixtures/node/node-pod.ts'
import { CART, ENDPOINT, KEY, endpoints, route, startApi, startNode } from '../../fixtures/node/node-world.ts'
import { until } from '../../fixtures/until.ts'

t.test('a pod that runs', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const api = await startApi(t)

  t.test('has its calls of endpoints redirected from when it asks for it until it does no more', async (t) => {
    const { pod, agent, map } = await startNode(t, api, 'asks')
    await api.put(ROUTES, route('asks'))
    await api.put(ENDPOINT_SLICES, endpoints('asks', ENDPOINT.host))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, CART)
    t.equal(await caller.get(KEY), 'fork')
    t.equal(await call(pod.inside, ENDPOINT, KEY), 'endpoint')
    await pod.annotate({ 'sidetrack.dev/intercept': 'endpoints' })
    await until(async () => (await call(pod.inside, ENDPOINT, KEY)) === 'fork')
    t.equal(await call(pod.inside, CART, KEY), 'fork')
    t.equal(await caller.get(KEY), 'fork', 'what was open goes on')
    const endpoint = await Caller.open(pod.inside, ENDPOINT)
    t.equal(await endpoint.get(KEY), 'fork')
    await pod.annotate({ 'sidetrack.dev/intercept': null })
    await until(async () => (await call(pod.inside, ENDPOINT, KEY)) === 'endpoint')
    t.notMatch(await map('destination4'), ENDPOINT.host)
    t.equal(await call(pod.inside, CART, KEY), 'fork')
    t.equal(await caller.get(KEY), 'fork')
    t.match(await endpoint.get(), 'endpoint')
    caller.close()
    endpoint.close()
    t.notMatch(first.output.text, /"level":"(warn|error)"/)
  })

  t.test('has what arrives for it redirected from when it asks for it until it does no more', async (t) => {
    const { pod, agent, map, report } = await startNode(t, api, 'opens')
    const own = { host: POD_ADDRESS, port: 8080 }
    await pod.inside.listen(t, '0.0.0.0', own.port, named('own'))
    await api.put(ROUTES, route('opens'))
    await api.put(ENDPOINT_SLICES, endpoints('opens', POD_ADDRESS))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    t.equal(await call(pod.outside, own, KEY), 'own')
    const older = await Caller.open(pod.outside, own)
    t.equal(await older.get(KEY), 'own')
    await pod.annotate({ 'sidetrack.dev/inbound': 'true' })
    await until(async () => (await call(pod.outside, own, KEY)) === 'fork')
    t.equal(await call(pod.outside, own), 'own')
    t.equal(await older.get(KEY), 'own')
    await until(async () => (await report())?.bypassing[0]?.reason === 'OldConnections')
    older.close()
    await until(async () => (await report())?.bypassing.length === 0)
    const caller = await Caller.open(pod.outside, own)
    t.equal(await caller.get(KEY), 'fork')
    await pod.annotate({ 'sidetrack.dev/inbound': 'false' })
    await until(async () => (await call(pod.outside, own, KEY)) === 'own')
    t.notMatch(await map('inbound4'), POD_ADDRESS)
    await until(() => caller.peer.closed || caller.peer.ended)
    t.equal(caller.peer.error, undefined, 'what was open ends between two requests')
    t.notMatch(first.output.text, /"level":"(warn|error)"/)
  })

  t.test('gives its calls the key that it is given', async (t) => {
    const { pod, agent } = await startNode(t, api, 'keyed')
    await api.put(ROUTES, route('keyed'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    t.equal(await call(pod.inside, CART), 'cart')
    await pod.annotate({ 'sidetrack.dev/key': KEY })
    await until(async () => (await call(pod.inside, CART)) === 'fork')
    await pod.annotate({ 'sidetrack.dev/key': null })
    await until(async () => (await call(pod.inside, CART)) === 'cart')
  })

  t.test('stays redirected when it asks for no sidecar any more: it has one', async (t) => {
    const { pod, agent } = await startNode(t, api, 'stays')
    await api.put(ROUTES, route('stays'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await pod.annotate({ 'sidetrack.dev/inject': 'false', 'sidetrack.dev/key': 'pr-9' })
    await until(() => first.output.text.includes('"ownKey":"pr-9"'))
    t.equal(await call(pod.inside, CART, KEY), 'fork')
  })
})
