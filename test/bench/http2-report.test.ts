import t from 'tap'
import { formatBudget, isMet } from '../../bench/budget.ts'
import type { BulkSample, StreamSample } from '../../bench/http2.ts'
import { formatHttp2, http2Budgets, summarizeStreams } from '../../bench/http2-report.ts'

function stream(peer: string, round: number, load: string, cpuMicros: number, peakRss = 60e6): StreamSample {
  const rest = { requestsPerSecond: 1000, busy: 1, foreign: 0, othersCpuMicros: 0, errors: 0, attempts: 1 }
  return { peer, round, load, cpuMicros, idleRss: 40e6, peakRss, ...rest }
}

function bulk(peer: string, round: number, peakRss: number): BulkSample {
  return { peer, round, bytes: 200e6, seconds: 1, cpuSeconds: 0.5, peakRss, errors: 0 }
}

// The second round met a machine of half the speed.
const STREAMS = [
  stream('sidetrack', 0, 'GET 4 × 8', 18),
  stream('haproxy', 0, 'GET 4 × 8', 20),
  stream('node-http2', 0, 'GET 4 × 8', 90),
  stream('haproxy', 1, 'GET 4 × 8', 40),
  stream('sidetrack', 1, 'GET 4 × 8', 36, 82e6),
  stream('sidetrack', 0, 'gRPC 1 × 100', 5),
  stream('haproxy', 0, 'gRPC 1 × 100', 4),
]

t.test('loads are compared each by itself, and within a round', (t) => {
  const own = summarizeStreams(STREAMS).filter(({ peer }) => peer === 'sidetrack')
  t.match(own, [
    { load: 'GET 4 × 8', timesHaproxy: 0.9, timesNode: 0.2, peakMegabytes: { median: 71, min: 60, max: 82 } },
    { load: 'gRPC 1 × 100', timesHaproxy: 1.25 },
  ])
  t.end()
})

t.test('each load has its budgets; the largest memory counts; errors of others do not', (t) => {
  const others = { ...bulk('haproxy', 0, 20e6), errors: 1 }
  const budgets = http2Budgets({ streams: STREAMS, bulk: [bulk('sidetrack', 0, 90e6), others] })
  t.match(budgets.map(formatBudget), [
    /^met .*GET 4 × 8, × HAProxy: 0\.90/,
    /^met .*GET 4 × 8, × node:http2: 0\.20/,
    /^MISSED .*gRPC 1 × 100, × HAProxy: 1\.25/,
    /^not measured .*gRPC 1 × 100, × node/,
    /^met .*RSS peak under streams: 71\.00 MB \(≤ 80 MB\)/,
    /^met .*bulk: 90\.00 MB \(≤ 95 MB\)/,
    /^met .*errors: 0/,
  ])
  t.equal(budgets.filter(isMet).length, 5)
  t.end()
})

t.test('the report has a table for each load and one for bulk', (t) => {
  const text = formatHttp2({ streams: STREAMS, bulk: [bulk('sidetrack', 0, 90e6)] })
  t.match(text, /^GET 4 × 8 .*\n[- ]+\nsidetrack/m)
  t.match(text, /^gRPC 1 × 100 /m)
  t.match(text, /^bulk, 200 MB .*\n[- ]+\nsidetrack +2\.50 .* 200 +90\.0/m)
  t.equal(http2Budgets({ streams: [stream('haproxy', 0, 'x', 1)], bulk: [] }).length, 0)
  t.end()
})
