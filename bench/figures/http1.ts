// The figures of the HTTP/1.1 comparison.

import type { Http1Sample } from '../http1.ts'
import { added, budgets, peersOf, summarize } from '../http1-report.ts'
import { sameRound } from '../in-round.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

const MEGABYTE = 1e6

export function http1Figures(samples: readonly Http1Sample[]): readonly Figure[] {
  const each = peersOf(samples).flatMap((peer) => {
    const direct = peer === 'direct'
    const own = samples.filter((sample) => sample.peer === peer)
    const of = (name: string, unit: string, value: (sample: Http1Sample) => number): Figure =>
      figure(name, peer, unit, own.map(value))
    const times = (other: string) => (sample: Http1Sample) =>
      sample.cpuMicros / (sameRound(samples, sample, other)?.cpuMicros ?? Number.NaN)
    const over = (load: 'latency' | 'latencyOfFew', which: 'p50' | 'p99') => (sample: Http1Sample) =>
      direct ? Number.NaN : added(samples, sample, load, which)
    return [
      of('CPU per request', 'µs', ({ cpuMicros }) => cpuMicros),
      of('CPU per request, × HAProxy', '', times('haproxy')),
      of('CPU per request, × Envoy', '', times('envoy')),
      of('requests per second at saturation', '', ({ requestsPerSecond }) => requestsPerSecond),
      of('share of its core', '', ({ busy }) => busy),
      of('p50', 'µs', ({ latency }) => latency.p50),
      of('p99', 'µs', ({ latency }) => latency.p99),
      of('added p50', 'µs', over('latency', 'p50')),
      of('added p99', 'µs', over('latency', 'p99')),
      of('p50, few connections', 'µs', ({ latencyOfFew }) => latencyOfFew.p50),
      of('p99, few connections', 'µs', ({ latencyOfFew }) => latencyOfFew.p99),
      of('added p50, few connections', 'µs', over('latencyOfFew', 'p50')),
      of('added p99, few connections', 'µs', over('latencyOfFew', 'p99')),
      of('RSS idle', 'MB', ({ idleRss }) => (direct ? Number.NaN : idleRss / MEGABYTE)),
      of('RSS peak', 'MB', ({ peakRss }) => (direct ? Number.NaN : peakRss / MEGABYTE)),
    ]
  })
  return [...each, ...budgetFigures(budgets(summarize(samples)), 'budgets of sidetrack')]
}
