// The agent of a node as a process: a real API server, real network namespaces, real sidecars; the test is the kubelet and the controller.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t, { type Test } from 'tap'
import { startApiServer } from '../../cluster/api-server.ts'
import type { Kubectl } from '../../cluster/kubectl.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { Caller, call, named } from '../../fixtures/namespace/caller.ts'
import { NO_NAMESPACES } from '../../fixtures/namespace/namespace.ts'
import { startAgentProcess } from '../../fixtures/node/agent-process.ts'
import { NodePod } from '../../fixtures/node/node-pod.ts'
import { until } from '../../fixtures/until.ts'
import { readDefinitions } from '../../manifests/definitions.ts'

const CART = { host: '10.96.0.12', port: 80 }
const FORK = { host: '10.88.2.7', port: 8080 }
const KEY = 'pr-1'

const table = (namespace: string) => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'RoutingTable',
  metadata: { namespace, name: 'cart' },
  spec: { service: 'cart', clusterIPs: [CART.host], ports: [{ port: CART.port, protocol: 'http' }] },
})
const route = (namespace: string, spec: object = {}) => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Route',
  metadata: { namespace, name: 'cart-pr-1' },
  spec: { table: 'cart', key: KEY, addresses: [`${FORK.host}:${FORK.port}`], ...spec },
})

/** A node and a namespace of a test's own, with one pod whose calls of `cart` can be routed. */
async function startNode(t: Test, kubectl: Kubectl, name: string) {
  await kubectl.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: name, name: 'default' } },
    table(name),
  )
  const pod = await NodePod.create(t, kubectl, {
    namespace: name,
    name: 'web',
    node: name,
    outside: [CART.host, FORK.host],
  })
  await pod.serve(t, CART, named('cart'))
  await pod.serve(t, FORK, named('fork'))
  const state = mkdtempSync(path.join(tmpdir(), 'sidetrack-'))
  t.teardown(() => rmSync(state, { recursive: true, force: true }))
  const agent = () => startAgentProcess(t, { kubeconfig: kubectl.kubeconfig, node: name, state })
  return { pod, agent, apply: (...objects: readonly object[]) => kubectl.apply(...objects) }
}

t.test('a node', { skip: noApiServer() || NO_NAMESPACES }, async (t) => {
  const { kubectl } = await startApiServer(t)
  await kubectl.apply(...readDefinitions())
  await kubectl.run(['wait', '--for=condition=Established', 'crd', '--all'])

  t.test('keyed calls of a pod reach the fork as soon as there is a Route, others the baseline', async (t) => {
    const { pod, agent, apply } = await startNode(t, kubectl, 'routed')
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    t.equal(await call(pod.inside, CART, KEY), 'cart')
    await apply(route('routed'))
    await until(async () => (await call(pod.inside, CART, KEY)) === 'fork')
    t.equal(await call(pod.inside, CART), 'cart')
    await kubectl.run(['-n', 'routed', 'delete', 'route', 'cart-pr-1'])
    await until(async () => (await call(pod.inside, CART, KEY)) === 'cart')
  })

  t.test('open connections survive the death of the agent, and the next one goes on where it ended', async (t) => {
    const { pod, agent, apply } = await startNode(t, kubectl, 'adopted')
    await apply(route('adopted'))
    const first = agent()
    await pod.startSidecar()
    await first.ready()
    const caller = await Caller.open(pod.inside, CART)
    t.equal(await caller.get(KEY), 'fork')
    const before = await pod.nft('list', 'map', 'inet', 'sidetrack', 'destination4')
    console.error(first.output.text)
    await first.kill('SIGKILL')
    t.equal(await caller.get(KEY), 'fork')
    t.equal(await call(pod.inside, CART, KEY), 'fork', 'new connections too')
    const second = agent()
    await second.ready()
    console.error(second.output.text)
    t.equal(await pod.nft('list', 'map', 'inet', 'sidetrack', 'destination4'), before)
    t.equal(await caller.get(KEY), 'fork')
    await kubectl.run(['-n', 'adopted', 'delete', 'route', 'cart-pr-1'])
    await until(async () => (await caller.get(KEY)) === 'cart')
    caller.close()
  })
})
