// The report of the route table's costs.

import { type Budget, formatBudget } from './budget.ts'
import { median, spread } from './median.ts'
import { FEW, MANY, type RoutesResult, type RoutesSample } from './routes.ts'
import { formatTable, number, range } from './table.ts'

/** The ratio of many to few routes in each round. */
export function ratios(samples: readonly RoutesSample[]): readonly number[] {
  return samples
    .filter(({ routes }) => routes === MANY)
    .flatMap((many) => {
      const few = samples.find(({ routes, round }) => routes === FEW && round === many.round)
      return few === undefined ? [] : [many.cpuMicros / few.cpuMicros]
    })
}

/** Bytes of resident memory that each further route costs, by the medians. */
export function rssPerRoute(samples: readonly RoutesSample[], which: 'idleRss' | 'loadedRss'): number {
  const of = (count: number): number =>
    median(samples.filter(({ routes }) => routes === count).map((each) => each[which]))
  return (of(MANY) - of(FEW)) / (MANY - FEW)
}

export function formatRoutes(result: RoutesResult): string {
  const { samples, deltas } = result
  const table = formatTable(
    ['routes', 'CPU µs/request', 'requests/s', 'RSS idle MB', 'RSS loaded MB', 'errors'],
    [FEW, MANY].map((routes) => {
      const own = samples.filter((each) => each.routes === routes)
      return [
        String(routes),
        range(spread(own.map((each) => each.cpuMicros)), 2),
        number(median(own.map((each) => each.requestsPerSecond)), 0),
        range(spread(own.map((each) => each.idleRss / 1e6))),
        range(spread(own.map((each) => each.loadedRss / 1e6))),
        String(own.reduce((sum, each) => sum + each.errors, 0)),
      ]
    }),
  )
  const changes = formatTable(
    ['one change beside', 'CPU µs', 'round trip µs: p50', 'p99', 'max', 'added to requests µs: p50', 'p99'],
    deltas.map(({ routes, cpuMicros, roundTrip, quiet, changing }) => [
      `${routes} routes`,
      number(cpuMicros),
      number(roundTrip.p50),
      number(roundTrip.p99),
      number(roundTrip.max),
      number(changing.p50 - quiet.p50),
      number(changing.p99 - quiet.p99),
    ]),
  )
  return `${table}\n\n${changes}\n\n${routesBudgets(result).map(formatBudget).join('\n')}`
}

export function routesBudgets(result: RoutesResult): readonly Budget[] {
  const { samples, deltas, heapBytesPerRoute } = result
  const change = deltas.find(({ routes }) => routes === MANY)
  const ratio = median(ratios(samples))
  return [
    { what: `CPU with ${MANY} routes, × ${FEW} routes`, measured: ratio, limit: 1.05, unit: '' },
    { what: 'RSS of one more route, idle', measured: rssPerRoute(samples, 'idleRss'), limit: 100, unit: ' bytes' },
    { what: 'heap of one more route and its key', measured: heapBytesPerRoute, limit: 100, unit: ' bytes' },
    { what: 'a change: CPU', measured: change?.cpuMicros ?? Number.NaN, limit: 1000, unit: ' µs' },
    { what: 'a change: round trip, p99', measured: change?.roundTrip.p99 ?? Number.NaN, limit: 1000, unit: ' µs' },
    { what: 'failures', measured: countFailures(result), limit: 0, unit: '' },
  ]
}

export function countFailures({ samples, deltas }: Pick<RoutesResult, 'samples' | 'deltas'>): number {
  return [...samples.map(({ errors }) => errors), ...deltas.map((each) => each.failures)].reduce((a, b) => a + b, 0)
}
