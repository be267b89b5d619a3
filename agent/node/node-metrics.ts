// What the agent of a Kubernetes node measures beside what all agents do: what is not as it should be on its node.

import { Counter, Gauge, type Registry } from '../../runtime/prometheus.ts'
import type { WatchedRoute } from './watched.ts'

export interface NodeFigures {
  /** Pods whose calls are not redirected, though they should be. */
  readonly bypassing: () => Iterable<{ readonly reason: string }>
  /** Since the agent started. */
  readonly kernelFailures: () => number
  readonly routes: () => Iterable<Pick<WatchedRoute, 'route'>>
}

export function addNodeMetrics(registry: Registry, figures: NodeFigures): void {
  const registers = [registry]
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Gauge({
    name: 'sidetrack_bypassing_pods',
    help: 'Pods of the node whose calls should be redirected and are not, by reason; the NodeReport names them',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const { reason } of figures.bypassing()) this.inc({ reason })
    },
  })
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Counter({
    name: 'sidetrack_kernel_failures_total',
    help: "Times that the rules of a pod's network could not be read or written; each is tried again",
    registers,
    collect() {
      this.reset()
      this.inc(figures.kernelFailures())
    },
  })
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Gauge({
    name: 'sidetrack_refused_routes',
    help: 'Routes that are not programmed: the controller has refused them, or not judged them yet, or they lead to what is no pod',
    registers,
    collect() {
      let refused = 0
      for (const { route } of figures.routes()) if ('refused' in route) refused++
      this.set(refused)
    },
  })
}
