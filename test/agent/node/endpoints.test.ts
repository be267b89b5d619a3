// Calls of pods' own addresses, and calls that arrive for the pod's own workload.

import t from 'tap'
import { ENDPOINT_SLICES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, ROUTING_TABLES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { POD_ADDRESS } from '../../fixtures/node/node-pod.ts'
import { CART, ENDPOINT, KEY, endpoints, route, startApi, startNode, table } from '../../fixtures/node/node-world.ts'
import { until } from '../../fixtures/until.ts'

t.test('a node', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const api = await startApi(t)

  t.test('redirects calls of the endpoints of a headless Service, and of all for a pod that asks for it', async (t) => {
    const { pod, agent } = await startNode(t, api, 'headless')
    await api.put(ROUTES, route('headless'))
    await api.put(ENDPOINT_SLICES, endpoints('headless', ENDPOINT.host))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    t.equal(await call(pod.inside, ENDPOINT, KEY), 'endpoint', 'the Service has an address of its own')
    await api.put(ROUTING_TABLES, table('headless', { clusterIPs: [], headless: true }))
    await until(async () => (await call(pod.inside, ENDPOINT, KEY)) === 'fork')
    t.equal(await call(pod.inside, ENDPOINT), 'endpoint')
    t.equal(await call(pod.inside, CART, KEY), 'cart')
  })

  t.test('redirects calls of all endpoints for a pod that asks for it', async (t) => {
    const { pod, agent } = await startNode(t, api, 'direct', { 'sidetrack.dev/intercept': 'endpoints' })
    await api.put(ROUTES, route('direct'))
    await api.put(ENDPOINT_SLICES, endpoints('direct', ENDPOINT.host))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await until(async () => (await call(pod.inside, ENDPOINT, KEY)) === 'fork')
    t.equal(await call(pod.inside, ENDPOINT), 'endpoint')
    t.equal(await call(pod.inside, CART, KEY), 'fork')
  })

  t.test('leads keyed calls that arrive for the workload to the fork', async (t) => {
    const { pod, agent } = await startNode(t, api, 'inbound', { 'sidetrack.dev/inbound': 'true' })
    const own = { host: POD_ADDRESS, port: 8080 }
    await pod.inside.listen(t, '0.0.0.0', own.port, named('own'))
    await api.put(ROUTES, route('inbound'))
    await api.put(ENDPOINT_SLICES, endpoints('inbound', POD_ADDRESS))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    await until(async () => (await call(pod.outside, own, KEY)) === 'fork')
    t.equal(await call(pod.outside, own), 'own')
    await api.put(ENDPOINT_SLICES, endpoints('inbound', ENDPOINT.host))
    await until(async () => (await call(pod.outside, own, KEY)) === 'own')
  })
})
