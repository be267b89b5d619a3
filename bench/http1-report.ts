// The report of the HTTP/1.1 comparison: medians with their spread, ratios of the same round, and the budgets.

import { type Budget, formatBudget } from './budget.ts'
import type { Http1Sample } from './http1.ts'
import { ratioInRounds, sameRound } from './in-round.ts'
import { type Spread, spread } from './median.ts'
import { formatTable, number, percent, range } from './table.ts'

export interface Http1Summary {
  readonly peer: string
  readonly cpuMicros: Spread
  /** Medians of the ratios within each round. */
  readonly timesHaproxy: number
  readonly timesEnvoy: number
  readonly busy: Spread
  readonly foreign: Spread
  readonly requestsPerSecond: Spread
  /** Microseconds over `direct` in the same round, over all connections in rotation. */
  readonly addedP50: Spread
  readonly addedP99: Spread
  /** The same over a few connections. */
  readonly addedP50OfFew: Spread
  readonly addedP99OfFew: Spread
  readonly idleMegabytes: Spread
  readonly peakMegabytes: Spread
  readonly othersCpuMicros: Spread
  readonly othersMegabytes: Spread
  readonly failures: number
}

const MEGABYTE = 1e6

export function summarize(samples: readonly Http1Sample[]): readonly Http1Summary[] {
  return peersOf(samples).map((peer) => {
    const own = samples.filter((each) => each.peer === peer)
    const of = (value: (sample: Http1Sample) => number): Spread => spread(own.map(value))
    return {
      peer,
      cpuMicros: of((each) => each.cpuMicros),
      timesHaproxy: ratioInRounds(samples, peer, 'haproxy', (each) => each.cpuMicros),
      timesEnvoy: ratioInRounds(samples, peer, 'envoy', (each) => each.cpuMicros),
      busy: of((each) => each.busy),
      foreign: of((each) => each.foreign),
      requestsPerSecond: of((each) => each.requestsPerSecond),
      addedP50: of((each) => added(samples, each, 'latency', 'p50')),
      addedP99: of((each) => added(samples, each, 'latency', 'p99')),
      addedP50OfFew: of((each) => added(samples, each, 'latencyOfFew', 'p50')),
      addedP99OfFew: of((each) => added(samples, each, 'latencyOfFew', 'p99')),
      idleMegabytes: of((each) => each.idleRss / MEGABYTE),
      peakMegabytes: of((each) => each.peakRss / MEGABYTE),
      othersCpuMicros: of((each) => each.othersCpuMicros),
      othersMegabytes: of((each) => each.othersRss / MEGABYTE),
      failures: own.reduce((sum, each) => sum + each.errors + each.wrong, 0),
    }
  })
}

/** In the order of the first round. */
export function peersOf(samples: readonly Http1Sample[]): readonly string[] {
  return [...new Set(samples.toSorted((a, b) => a.round - b.round).map(({ peer }) => peer))]
}

export function added(
  all: readonly Http1Sample[],
  sample: Http1Sample,
  load: 'latency' | 'latencyOfFew',
  which: 'p50' | 'p99',
): number {
  const direct = sameRound(all, sample, 'direct')
  return direct === undefined ? Number.NaN : sample[load][which] - direct[load][which]
}

/** The design's budgets, as far as the peers that they name were measured. */
export function budgets(summaries: readonly Http1Summary[]): readonly Budget[] {
  const of = (peer: string): Http1Summary | undefined => summaries.find((each) => each.peer === peer)
  const [own, haproxy, envoy] = [of('sidetrack'), of('haproxy'), of('envoy')]
  if (own === undefined) return []
  return [
    { what: 'CPU of a request, × HAProxy', measured: own.timesHaproxy, limit: 1.2, unit: '' },
    { what: 'CPU of a request, × Envoy', measured: own.timesEnvoy, limit: 0.5, unit: '' },
    ...(
      [
        ['added p50', 'addedP50'],
        ['added p99', 'addedP99'],
        ['added p50, few connections', 'addedP50OfFew'],
        ['added p99, few connections', 'addedP99OfFew'],
      ] as const
    ).flatMap(([what, figure]) => [
      { what: `${what}, × HAProxy`, measured: over(own[figure].median, haproxy?.[figure].median), limit: 1, unit: '' },
      { what: `${what}, × Envoy`, measured: over(own[figure].median, envoy?.[figure].median), limit: 0.5, unit: '' },
    ]),
    { what: 'RSS idle', measured: own.idleMegabytes.median, limit: 50, unit: ' MB' },
    { what: 'wrong answers and errors', measured: own.failures, limit: 0, unit: '' },
  ]
}

function over(value: number, other: number | undefined): number {
  return value / (other ?? Number.NaN)
}

export function formatHttp1(samples: readonly Http1Sample[]): string {
  const summaries = summarize(samples)
  const cost = formatTable(
    ['', 'CPU µs/request', '× HAProxy', '× Envoy', 'core busy', 'by others', 'requests/s'],
    summaries.map((each) => [
      each.peer,
      range(each.cpuMicros),
      number(each.timesHaproxy, 2),
      number(each.timesEnvoy, 2),
      percent(each.busy.median),
      percent(each.foreign.median),
      number(each.requestsPerSecond.median, 0),
    ]),
  )
  const rest = formatTable(
    ['', 'added p50 µs', 'added p99 µs', 'of few: p50', 'p99', 'RSS idle MB', 'RSS peak MB', 'failures'],
    summaries.map((each) => [
      each.peer,
      range(each.addedP50),
      range(each.addedP99),
      range(each.addedP50OfFew),
      range(each.addedP99OfFew),
      number(each.idleMegabytes.median),
      range(each.peakMegabytes),
      String(each.failures),
    ]),
  )
  const base = samples.filter(({ peer }) => peer === 'direct').map(({ latency }) => latency)
  const without =
    base.length === 0
      ? ''
      : `\nWithout a proxy: p50 ${range(spread(base.map(({ p50 }) => p50)))} µs, p99 ${range(spread(base.map(({ p99 }) => p99)))} µs.\n`
  const own = summaries.find((each) => each.peer === 'sidetrack')
  const beside =
    own === undefined
      ? ''
      : `\nBeside the sidecar: agent and CLI, ${number(own.othersMegabytes.median)} MB, ${number(own.othersCpuMicros.median, 2)} µs/request.\n`
  return `${cost}\n\n${rest}\n${without}${beside}\n${budgets(summaries).map(formatBudget).join('\n')}`
}
