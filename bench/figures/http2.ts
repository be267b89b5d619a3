// The figures of the HTTP/2 comparison.

import type { BulkSample, Http2Result, StreamSample } from '../http2.ts'
import { http2Budgets, peersOf } from '../http2-report.ts'
import { sameRound } from '../in-round.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

const MEGABYTE = 1e6

export function http2Figures(result: Http2Result): readonly Figure[] {
  const { streams, bulk } = result
  const loads = [...new Set(streams.map(({ load }) => load))]
  return [
    ...loads.flatMap((load) => loadFigures(streams.filter((each) => each.load === load))),
    ...peersOf(bulk).flatMap((peer) => bulkFigures(bulk, peer)),
    ...budgetFigures(http2Budgets(result), 'budgets of sidetrack'),
  ]
}

function loadFigures(samples: readonly StreamSample[]): readonly Figure[] {
  return peersOf(samples).flatMap((peer) => {
    const own = samples.filter((each) => each.peer === peer)
    const of = (name: string, unit: string, value: (sample: StreamSample) => number): Figure =>
      figure(`${own[0]?.load ?? ''}: ${name}`, peer, unit, own.map(value))
    const times = (other: string) => (sample: StreamSample) =>
      sample.cpuMicros / (sameRound(samples, sample, other)?.cpuMicros ?? Number.NaN)
    return [
      of('CPU per stream', 'µs', ({ cpuMicros }) => cpuMicros),
      of('× HAProxy', '', times('haproxy')),
      of('× node:http2', '', times('node-http2')),
      of('streams per second', '', ({ requestsPerSecond }) => requestsPerSecond),
      of('RSS peak', 'MB', ({ peakRss }) => peakRss / MEGABYTE),
    ]
  })
}

function bulkFigures(samples: readonly BulkSample[], peer: string): readonly Figure[] {
  const own = samples.filter((each) => each.peer === peer)
  const of = (name: string, unit: string, value: (sample: BulkSample) => number): Figure =>
    figure(`bulk: ${name}`, peer, unit, own.map(value))
  return [
    of('CPU per MB', 'ms', ({ cpuSeconds, bytes }) => (cpuSeconds * 1000) / (bytes / MEGABYTE)),
    of('MB per second', '', ({ seconds, bytes }) => bytes / MEGABYTE / seconds),
    of('RSS peak', 'MB', ({ peakRss }) => peakRss / MEGABYTE),
  ]
}
