// The agent's Prometheus metrics: its sidecars' figures and its own.

import { Counter, Gauge, Histogram, Registry } from '../runtime/prometheus.ts'
import type { Hub } from './hub.ts'

export interface Metrics {
  /** The seconds from a change to its confirmation by one sidecar. */
  readonly programmed: (seconds: number) => void
  text(): Promise<string>
}

/** `more` adds metrics that not every agent has. */
export function createMetrics(hub: Hub, more: (registry: Registry) => void = () => {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const eachLink = (visit: (sidecar: string, link: NonNullable<ReturnType<Hub['link']>>) => void) => {
    for (const sidecar of hub.sidecars) {
      const link = hub.link(sidecar)
      if (link !== undefined) visit(sidecar, link)
    }
  }
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Counter({
    name: 'sidetrack_requests_total',
    help: 'Requests by service and outcome: baseline, fork, or the code of the error that answered them',
    labelNames: ['sidecar', 'service', 'outcome'],
    registers,
    collect() {
      this.reset()
      eachLink((sidecar, link) => {
        for (const [service, outcomes] of Object.entries(link.state?.requests ?? {})) {
          for (const [outcome, count] of Object.entries(outcomes)) this.inc({ sidecar, service, outcome }, count)
        }
      })
    },
  })
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Gauge({
    name: 'sidetrack_sidecar_connections',
    help: 'Open client connections of a sidecar',
    labelNames: ['sidecar'],
    registers,
    collect() {
      this.reset()
      eachLink((sidecar, link) => this.set({ sidecar }, link.state?.connections ?? 0))
    },
  })
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Gauge({
    name: 'sidetrack_sidecar_resident_memory_bytes',
    help: 'Resident memory of a sidecar',
    labelNames: ['sidecar'],
    registers,
    collect() {
      this.reset()
      eachLink((sidecar, link) => this.set({ sidecar }, link.state?.rss ?? 0))
    },
  })
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Gauge({
    name: 'sidetrack_sidecar_up_to_date',
    help: '1 if the sidecar is connected and has confirmed everything that concerns it',
    labelNames: ['sidecar'],
    registers,
    collect() {
      this.reset()
      for (const sidecar of hub.sidecars) this.set({ sidecar }, hub.link(sidecar)?.upToDate === true ? 1 : 0)
    },
  })
  // oxlint-disable-next-line no-new -- a metric registers itself
  new Gauge({
    name: 'sidetrack_revision',
    help: 'Number of the latest change of routes',
    registers,
    collect() {
      this.set(hub.revision)
    },
  })
  const programming = new Histogram({
    name: 'sidetrack_programming_duration_seconds',
    help: 'Time from a change of routes to its confirmation by a sidecar',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  })
  more(registry)
  return {
    programmed: (seconds) => programming.observe(seconds),
    text: () => registry.metrics(),
  }
}
