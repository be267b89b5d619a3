// A pod's sidecar as the agent sees it, in a network namespace of its own.

import t from 'tap'
import { HopLog } from '../../../agent/hop-log.ts'
import { Hub } from '../../../agent/hub.ts'
import { NamespaceListeners } from '../../../agent/node/namespace-listener.ts'
import { PodSidecar } from '../../../agent/node/pod-sidecar.ts'
import type { PodProcess } from '../../../agent/node/process-finder.ts'
import { AGENT_PORT } from '../../../core/interception.ts'
import { lineLog } from '../../../runtime/line-log.ts'
import { NO_NETWORK, createNetwork } from '../../fixtures/network/network.ts'
import { until } from '../../fixtures/until.ts'

t.test('a connection that comes while its pod ends is closed', { skip: NO_NETWORK }, async (t) => {
  const { pod } = await createNetwork(t)
  const found = Promise.withResolvers<readonly PodProcess[]>()
  const log = lineLog('error', {}, () => {})
  let looked = false
  const sidecar = new PodSidecar({
    name: 'shop/cart-1',
    hub: new Hub(),
    log,
    hops: new HopLog(log),
    listeners: new NamespaceListeners(),
    processes: () => {
      looked = true
      return found.promise
    },
    wantedUser: () => undefined,
    changed: () => {},
    awoken: () => {},
  })
  await sidecar.listen(pod.namespace)
  const app = await pod.actor()
  const answer = app.dial('127.0.0.1', AGENT_PORT)
  await until(() => looked)
  sidecar.close()
  found.resolve([{ pid: pod.pid, container: 'cart' }])
  t.match(await answer, { fault: 'closed' })
})
