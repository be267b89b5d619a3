// The report of the HTTP/2 comparison: a table for each load, memory, and the budgets.

import { type Budget, formatBudget } from './budget.ts'
import type { BulkSample, Http2Result, StreamSample } from './http2.ts'
import { ratioInRounds } from './in-round.ts'
import { type Spread, spread } from './median.ts'
import { formatTable, number, percent, range } from './table.ts'

export interface StreamSummary {
  readonly load: string
  readonly peer: string
  readonly cpuMicros: Spread
  /** Medians of the ratios within each round. */
  readonly timesHaproxy: number
  readonly timesNode: number
  readonly busy: Spread
  readonly foreign: Spread
  readonly streamsPerSecond: Spread
  readonly idleMegabytes: Spread
  readonly peakMegabytes: Spread
  readonly failures: number
}

const MEGABYTE = 1e6

export function summarizeStreams(samples: readonly StreamSample[]): readonly StreamSummary[] {
  const inOrder = samples.toSorted((a, b) => a.round - b.round)
  const loads = [...new Set(inOrder.map(({ load }) => load))]
  const peers = peersOf(samples)
  return loads.flatMap((load) => {
    const all = samples.filter((each) => each.load === load)
    return peers.map((peer) => {
      const own = all.filter((each) => each.peer === peer)
      const of = (value: (sample: StreamSample) => number): Spread => spread(own.map(value))
      return {
        load,
        peer,
        cpuMicros: of((each) => each.cpuMicros),
        timesHaproxy: ratioInRounds(all, peer, 'haproxy', (each) => each.cpuMicros),
        timesNode: ratioInRounds(all, peer, 'node-http2', (each) => each.cpuMicros),
        busy: of((each) => each.busy),
        foreign: of((each) => each.foreign),
        streamsPerSecond: of((each) => each.requestsPerSecond),
        idleMegabytes: of((each) => each.idleRss / MEGABYTE),
        peakMegabytes: of((each) => each.peakRss / MEGABYTE),
        failures: own.reduce((sum, each) => sum + each.errors, 0),
      }
    })
  })
}

export function peersOf(samples: readonly { readonly peer: string; readonly round: number }[]): readonly string[] {
  return [...new Set(samples.toSorted((a, b) => a.round - b.round).map(({ peer }) => peer))]
}

function bulkPeaks(samples: readonly BulkSample[], peer: string): Spread {
  return spread(samples.filter((each) => each.peer === peer).map((each) => each.peakRss / MEGABYTE))
}

export function countHttp2Failures({ streams, bulk }: Http2Result): number {
  return [...streams, ...bulk].reduce((sum, each) => sum + each.errors, 0)
}

/** The design's budgets for this project, as far as the peers that they name were measured. */
export function http2Budgets(result: Http2Result): readonly Budget[] {
  const name = 'sidetrack'
  const own = summarizeStreams(result.streams).filter(({ peer }) => peer === name)
  if (own.length === 0) return []
  const failures = countHttp2Failures({
    streams: result.streams.filter(({ peer }) => peer === name),
    bulk: result.bulk.filter(({ peer }) => peer === name),
  })
  return [
    ...own.flatMap(({ load, timesHaproxy, timesNode }) => [
      { what: `CPU of a stream, ${load}, × HAProxy`, measured: timesHaproxy, limit: 1, unit: '' },
      { what: `CPU of a stream, ${load}, × node:http2`, measured: timesNode, limit: 0.3, unit: '' },
    ]),
    {
      what: 'RSS peak under streams',
      measured: Math.max(...own.map((each) => each.peakMegabytes.median)),
      limit: 80,
      unit: ' MB',
    },
    { what: 'RSS peak in bulk', measured: bulkPeaks(result.bulk, name).median, limit: 95, unit: ' MB' },
    { what: 'wrong answers and errors', measured: failures, limit: 0, unit: '' },
  ]
}

export function formatHttp2(result: Http2Result): string {
  const summaries = summarizeStreams(result.streams)
  const loads = [...new Set(summaries.map(({ load }) => load))]
  const tables = loads.map((load) =>
    formatTable(
      [
        load,
        'CPU µs/stream',
        '× HAProxy',
        '× node:http2',
        'core busy',
        'by others',
        'streams/s',
        'RSS peak MB',
        'failures',
      ],
      summaries
        .filter((each) => each.load === load)
        .map((each) => [
          each.peer,
          range(each.cpuMicros),
          number(each.timesHaproxy, 2),
          number(each.timesNode, 2),
          percent(each.busy.median),
          percent(each.foreign.median),
          number(each.streamsPerSecond.median, 0),
          range(each.peakMegabytes),
          String(each.failures),
        ]),
    ),
  )
  return [...tables, bulkTable(result.bulk), http2Budgets(result).map(formatBudget).join('\n')].join('\n\n')
}

function bulkTable(samples: readonly BulkSample[]): string {
  const megabytes = (samples[0]?.bytes ?? 0) / MEGABYTE
  return formatTable(
    [`bulk, ${number(megabytes, 0)} MB`, 'CPU ms/MB', 'MB/s', 'RSS peak MB', 'failures'],
    peersOf(samples).map((peer) => {
      const own = samples.filter((each) => each.peer === peer)
      return [
        peer,
        range(spread(own.map((each) => (each.cpuSeconds * 1000) / (each.bytes / MEGABYTE))), 2),
        number(spread(own.map((each) => each.bytes / MEGABYTE / each.seconds)).median, 0),
        range(bulkPeaks(samples, peer)),
        String(own.reduce((sum, each) => sum + each.errors, 0)),
      ]
    }),
  )
}
