// The figures of the comparison with Istio, and its lines over the number of sandboxes.

import { straightLine } from '../scale/fit.ts'
import type { IstioResult } from '../istio/compare.ts'
import { RATES } from '../istio/hop-load.ts'
import { added, costAt, fullCost, judged, latency, samplesOf } from '../istio/judged.ts'
import type { ManySample } from '../istio/many.ts'
import { NO_PROXY } from '../istio/subject.ts'
import { figure } from '../results/figure.ts'
import type { Figure, Series } from '../results/result.ts'

const MEGABYTE = 1e6
const GROWTH = 2
const PERCENTILES = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
] as const

export function istioFigures(result: IstioResult): readonly Figure[] {
  return [
    ...hopFigures(result),
    ...manyFigures(result),
    ...memoryFigures(result),
    ...declaredFigures(result),
    ...startFigures(result),
    ...judged(result),
  ]
}

function hopFigures(result: IstioResult): readonly Figure[] {
  const all = samplesOf(result)
  const subjects = [...new Set(all.toSorted((a, b) => a.round - b.round).map(({ subject }) => subject))]
  return subjects.flatMap((subject) => {
    const own = all.filter((each) => each.subject === subject)
    const proxied = subject !== NO_PROXY.name
    const of = (name: string, unit: string, value: (sample: (typeof own)[number]) => number): Figure =>
      figure(name, subject, unit, proxied ? own.map(value) : [])
    const latencies = RATES.flatMap((rate) =>
      PERCENTILES.map(([name, which]) =>
        proxied
          ? of(`added ${name} at ${rate}/s`, 'µs', (each) => added(all, each, rate, which))
          : figure(
              `${name} at ${rate}/s`,
              subject,
              'µs',
              own.map((each) => latency(each, rate, which)),
            ),
      ),
    )
    const others = (rate: number) => (each: (typeof own)[number]) =>
      each.rates.find((at) => at.rate === rate)?.cost.others ?? Number.NaN
    const costs = RATES.flatMap((rate) => [
      of(`CPU per request at ${rate}/s`, 'µs', (each) => costAt(each, rate)),
      of(`CPU per request at ${rate}/s of what carries none`, 'µs', others(rate)),
    ])
    return latencies.concat(costs, [
      of('CPU per request', 'µs', fullCost),
      of('CPU per request, the client’s proxy', 'µs', ({ full }) => full.client),
      of('share of the core at saturation', '', ({ full }) => full.busy),
      of('CPU of the proxies without a request', 'thousandths of a core', ({ idleMillicores }) => idleMillicores),
      of('RSS of the client’s proxy after the loads', 'MB', ({ proxy }) => proxy.rss / MEGABYTE),
    ])
  })
}

function manyFigures({ many }: IstioResult): readonly Figure[] {
  const samples = many?.samples ?? []
  return [
    ...samples.map(({ subject, sandboxes, seconds }) =>
      figure(`time until ${sandboxes} sandboxes are in force`, subject, 's', [seconds]),
    ),
    ...(many?.refused ?? []).map(({ subject, sandboxes }) =>
      figure('sandboxes on one Service that the API server refused', subject, '', [sandboxes]),
    ),
  ]
}

function memoryFigures({ twenty }: IstioResult): readonly Figure[] {
  return (twenty?.memory ?? []).flatMap(({ subject, pods, shared }) => {
    const sum = [...pods, ...shared.map(({ memory }) => memory)].reduce((total, { pss }) => total + pss, 0)
    const names = [...new Set(shared.map(({ name }) => name))]
    const own = [
      figure(
        'memory of a pod',
        subject,
        'MB',
        pods.map(({ pss }) => pss / MEGABYTE),
      ),
      figure(
        'RSS of a pod’s proxy',
        subject,
        'MB',
        pods.map(({ rss }) => rss / MEGABYTE),
      ),
      figure(`memory of all with ${pods.length} pods`, subject, 'MB', [sum / MEGABYTE]),
    ]
    return own.concat(
      names.map((name) =>
        figure(
          `memory of ${name === 'istiod' ? name : `each ${name}`}`,
          subject,
          'MB',
          shared.filter((each) => each.name === name).map(({ memory }) => memory.pss / MEGABYTE),
        ),
      ),
    )
  })
}

const DECLARED = {
  fork: 'a sandbox with a new fork is right everywhere',
  route: 'a route to a fork that runs is right everywhere',
} as const

function declaredFigures({ twenty }: IstioResult): readonly Figure[] {
  const all = twenty?.declared ?? []
  const subjects = [...new Set(all.map(({ subject }) => subject))]
  return (['fork', 'route'] as const).flatMap((what) =>
    subjects.map((subject) => {
      const own = all.filter((each) => each.what === what && each.subject === subject)
      return figure(
        DECLARED[what],
        subject,
        's',
        own.map(({ ms }) => ms / 1000),
      )
    }),
  )
}

function startFigures({ starts = [] }: IstioResult): readonly Figure[] {
  return [...Map.groupBy(starts, ({ subject }) => subject)].map(([subject, own]) =>
    figure(
      'time until a pod is ready',
      subject,
      's',
      own.map(({ ms }) => ms / 1000),
    ),
  )
}

export function istioSeries({ many }: IstioResult): readonly Series[] {
  const lines = [
    { y: { name: 'CPU per request', unit: 'µs' }, value: ({ cpuMicros }: ManySample) => cpuMicros },
    { y: { name: 'RSS of the client’s proxy', unit: 'MB' }, value: ({ rss }: ManySample) => rss / MEGABYTE },
  ]
  return lines.flatMap(({ y, value }) =>
    [...Map.groupBy(many?.samples ?? [], ({ subject }) => subject)].map(([subject, own]) => {
      const points = own.map((each) => [each.sandboxes, Number(value(each).toPrecision(6))] as const)
      const axes = { name: y.name, subject, x: { name: 'sandboxes on one Service', unit: '' }, y }
      return grows(points)
        ? Object.assign(axes, { points, fit: straightLine(points) })
        : Object.assign(axes, { points })
    }),
  )
}

/** A line through what stays the same would be fitted to noise. */
function grows(points: readonly (readonly [x: number, y: number])[]): boolean {
  return (points.at(-1)?.[1] ?? 0) > GROWTH * (points[0]?.[1] ?? 0)
}
