// The figures of the route table's costs, and CPU over the number of routes.

import { median } from '../median.ts'
import { FEW, MANY, type RoutesResult } from '../routes.ts'
import { ratios, routesBudgets } from '../routes-report.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure, Series } from '../results/result.ts'

const MEGABYTE = 1e6

export function routesFigures(result: RoutesResult): readonly Figure[] {
  const { samples, deltas, heapBytesPerRoute } = result
  return [
    ...[FEW, MANY].flatMap((routes) => {
      const own = samples.filter((each) => each.routes === routes)
      const subject = `sidetrack, ${routes} routes`
      return [
        figure(
          'CPU per request',
          subject,
          'µs',
          own.map(({ cpuMicros }) => cpuMicros),
        ),
        figure(
          'RSS idle',
          subject,
          'MB',
          own.map(({ idleRss }) => idleRss / MEGABYTE),
        ),
        figure(
          'RSS loaded',
          subject,
          'MB',
          own.map(({ loadedRss }) => loadedRss / MEGABYTE),
        ),
      ]
    }),
    figure('CPU per request, many × few routes', 'sidetrack', '', ratios(samples)),
    ...deltas.flatMap(({ routes, cpuMicros, roundTrip }) => [
      figure('CPU of a change', `sidetrack, ${routes} routes`, 'µs', [cpuMicros]),
      figure('round trip of a change, p99', `sidetrack, ${routes} routes`, 'µs', [roundTrip.p99]),
    ]),
    figure('heap per route', 'sidetrack', 'bytes', [heapBytesPerRoute]),
    ...budgetFigures(routesBudgets(result), 'budgets of sidetrack'),
  ]
}

export function routesSeries({ samples }: RoutesResult): readonly Series[] {
  const point = (routes: number): readonly [number, number] => [
    routes,
    median(samples.filter((each) => each.routes === routes).map(({ cpuMicros }) => cpuMicros)),
  ]
  return [
    {
      name: 'CPU per request',
      subject: 'sidetrack',
      x: { name: 'routes', unit: '' },
      y: { name: 'CPU per request', unit: 'µs' },
      points: [point(FEW), point(MANY)],
    },
  ]
}
