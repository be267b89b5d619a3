// The agent's listener inside a pod's network namespace: reachable from there and from nowhere else.

import type net from 'node:net'
import t, { type Test } from 'tap'
import { NamespaceListeners } from '../../../agent/node/namespace-listener.ts'
import { AGENT_PORT } from '../../../core/interception.ts'
import { NO_NETWORK, POD, createNetwork } from '../../fixtures/network/network.ts'
import { until } from '../../fixtures/until.ts'

async function listening(
  t: Test,
  listeners: NamespaceListeners,
  place: Awaited<ReturnType<typeof createNetwork>>['pod'],
  name: string,
) {
  const server = await listeners.open(place.namespace, (socket: net.Socket) => socket.end(`agent for ${name}\n`))
  t.teardown(() => server.close())
  return server
}

t.test('in network namespaces', { skip: NO_NETWORK }, async (t) => {
  t.test('who connects is known by the namespace, and is reached from nowhere else', async (t) => {
    const listeners = new NamespaceListeners()
    const { pod, neighbour } = await createNetwork(t)
    await Promise.all([listening(t, listeners, pod, 'pod'), listening(t, listeners, neighbour, 'neighbour')])
    const [here, there] = await Promise.all([pod.actor(), neighbour.actor(1000)])
    t.equal((await here.dial('127.0.0.1', AGENT_PORT)).line, 'agent for pod')
    t.equal((await there.dial('127.0.0.1', AGENT_PORT)).line, 'agent for neighbour')
    t.equal((await there.dial(POD, AGENT_PORT)).fault, 'ECONNREFUSED')
  })

  t.test('whoever connects while it is being opened is answered, or closed', async (t) => {
    const { pod } = await createNetwork(t)
    const here = await pod.actor()
    const opening = listening(t, new NamespaceListeners(), pod, 'pod')
    await until(async () => (await here.dial('127.0.0.1', AGENT_PORT)).line === 'agent for pod')
    await opening
  })

  t.test('a port that the pod uses itself is a fault that says so', async (t) => {
    const { pod } = await createNetwork(t)
    const app = await pod.actor()
    await app.tell({ do: 'serve', host: '0.0.0.0', port: AGENT_PORT, name: 'app' })
    await t.rejects(listening(t, new NamespaceListeners(), pod, 'pod'), {
      code: 'ST2004',
      message: /another process of the pod has that port/,
    })
  })

  t.test('it can be closed and opened again at once', async (t) => {
    const listeners = new NamespaceListeners()
    const { pod } = await createNetwork(t)
    const first = await listening(t, listeners, pod, 'first')
    await new Promise((resolve) => first.close(resolve))
    await listening(t, listeners, pod, 'second')
    const app = await pod.actor()
    t.equal((await app.dial('127.0.0.1', AGENT_PORT)).line, 'agent for second')
  })

  t.test('the namespace is the same one although its process has ended', async (t) => {
    const listeners = new NamespaceListeners()
    const { pod } = await createNetwork(t)
    const app = await pod.actor()
    process.kill(pod.pid, 'SIGKILL')
    await listening(t, listeners, pod, 'pod')
    t.equal((await app.dial('127.0.0.1', AGENT_PORT)).line, 'agent for pod')
  })
})
