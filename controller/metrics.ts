// The controller's Prometheus metrics: what the webhook does, its certificate, who leads, and how the leader keeps up with sandboxes.

import { Counter, Gauge, Histogram, Registry } from '../runtime/prometheus.ts'
import type { ReconcileMetrics } from './reconcile/reconciler.ts'
import type { Injection } from './webhook/injection.ts'

export interface Metrics extends ReconcileMetrics {
  /** A review was answered in so many seconds. */
  answered(injection: Injection, seconds: number): void
  /** A client of the webhook and the webhook could not agree on a connection. */
  handshakeFailed(): void
  /** Milliseconds since 1970. */
  certificateEnds(at: number): void
  leads(leads: boolean): void
  text(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const reviews = new Counter({
    name: 'sidetrack_webhook_reviews_total',
    help: 'Pods that the webhook was asked about, by outcome: injected, refused, unchanged, ignored',
    labelNames: ['outcome'],
    registers,
  })
  const duration = new Histogram({
    name: 'sidetrack_webhook_duration_seconds',
    help: 'Time from a review to its answer',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    registers,
  })
  const handshakes = new Counter({
    name: 'sidetrack_webhook_failed_handshakes_total',
    help: 'Connections to the webhook that failed before a request: its client does not trust it, or is none',
    registers,
  })
  const certificate = new Gauge({
    name: 'sidetrack_webhook_certificate_end_seconds',
    help: 'When the certificate that is served ends, in seconds since 1970',
    registers,
  })
  const leader = new Gauge({
    name: 'sidetrack_controller_leads',
    help: '1 if this replica is the one that acts on sandboxes',
    registers,
  })
  leader.set(0)
  let watched: Parameters<ReconcileMetrics['watching']>[0]
  const reconciles = new Histogram({
    name: 'sidetrack_reconcile_duration_seconds',
    help: 'Time from the beginning to the end of a look at something, by what it is: Sandbox, Table, RouteGroup, Route',
    labelNames: ['kind'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  })
  const failures = new Counter({
    name: 'sidetrack_reconcile_failures_total',
    help: 'Looks that failed and are repeated',
    labelNames: ['kind'],
    registers,
  })
  registers[0]?.registerMetric(
    new Gauge({
      name: 'sidetrack_reconcile_queue_depth',
      help: 'What waits to be looked at, on the replica that leads',
      registers: [],
      collect() {
        this.set(watched?.depth() ?? 0)
      },
    }),
  )
  registers[0]?.registerMetric(
    new Gauge({
      name: 'sidetrack_sandboxes',
      help: 'Sandboxes by the reason of their condition Ready, on the replica that leads',
      labelNames: ['reason'],
      registers: [],
      collect() {
        this.reset()
        for (const [reason, count] of watched?.sandboxes() ?? []) this.set({ reason }, count)
      },
    }),
  )
  return {
    answered(injection, seconds) {
      reviews.inc({ outcome: injection.outcome })
      duration.observe(seconds)
    },
    handshakeFailed: () => handshakes.inc(),
    certificateEnds: (at) => certificate.set(Math.floor(at / 1000)),
    leads: (leads) => leader.set(leads ? 1 : 0),
    reconciled: (kind, seconds) => reconciles.observe({ kind }, seconds),
    reconcileFailed: (kind) => failures.inc({ kind }),
    watching(state) {
      watched = state
    },
    text: () => registry.metrics(),
  }
}
