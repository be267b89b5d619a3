import t from 'tap'
import { formatBudget, isMet } from '../../bench/budget.ts'
import { budgets, formatHttp1, summarize } from '../../bench/http1-report.ts'
import { alternate } from '../../bench/rounds.ts'
import { ratios, rssPerRoute } from '../../bench/routes-report.ts'
import { formatTable, number, range } from '../../bench/table.ts'
import { sample } from '../fixtures/http1-sample.ts'

// The second round met a machine of half the speed.
const SAMPLES = [
  sample('direct', 0, Number.NaN, 50),
  sample('sidetrack', 0, 18, 80),
  sample('haproxy', 0, 20, 90),
  sample('direct', 1, Number.NaN, 100),
  sample('haproxy', 1, 40, 180),
  sample('sidetrack', 1, 44, 160),
]

t.test('columns are as wide as their widest cell, numbers to the right', (t) => {
  t.equal(
    formatTable(
      ['', 'CPU'],
      [
        ['a', '1.0'],
        ['long', '100.0'],
      ],
    ),
    ['        CPU', '----  -----', 'a       1.0', 'long  100.0'].join('\n'),
  )
  t.end()
})

t.test('what was not measured is a dash', (t) => {
  t.equal(number(Number.NaN), '-')
  t.equal(range({ median: Number.NaN, min: 1, max: 2 }), '-')
  t.equal(range({ median: 1.25, min: 1, max: 2 }), '1.3 [1.0–2.0]')
  t.end()
})

t.test('ratios and added latency compare within a round, so a slower round does not count', (t) => {
  const own = summarize(SAMPLES).find(({ peer }) => peer === 'sidetrack')
  t.equal(own?.timesHaproxy, 1)
  t.ok(Number.isNaN(own?.timesEnvoy), 'Envoy was not measured')
  t.same(own?.addedP50, { median: 45, min: 30, max: 60 })
  t.end()
})

t.test('peers are listed in the order of the first round', (t) => {
  t.same(
    summarize(SAMPLES).map(({ peer }) => peer),
    ['direct', 'sidetrack', 'haproxy'],
  )
  t.end()
})

t.test('a budget is met, missed, or was not measured', (t) => {
  const found = budgets(summarize(SAMPLES))
  t.match(found.map(formatBudget), [
    /^met .*HAProxy: 1\.00/,
    /^not measured .*Envoy/,
    /^met .*p50, × HAProxy: 0\.75/,
    /^not measured/,
    /^met .*p99, × HAProxy/,
    /^not measured/,
    /^met .*p50, few connections, × HAProxy: 0\.75/,
    /^not measured/,
    /^met .*p99, few connections, × HAProxy/,
    /^not measured/,
    /^met .*RSS idle: 40\.00 MB \(≤ 50 MB\)/,
    /^met .*errors: 0/,
  ])
  t.match(formatBudget({ what: 'x', measured: 3, limit: 2, unit: ' ms' }), /^MISSED {2}x: 3\.00 ms/)
  t.notOk(isMet({ what: 'x', measured: Number.NaN, limit: 2, unit: '' }))
  t.end()
})

t.test('without this project among the peers there is a table and no budget', (t) => {
  const text = formatHttp1([sample('haproxy', 0, 20, 90)])
  t.match(text, /haproxy .*20\.0/)
  t.notMatch(text, /≤/)
  t.end()
})

t.test('each round starts with another peer, and every second one goes backwards', (t) => {
  const items = ['a', 'b', 'c']
  t.same(
    [0, 1, 2, 3].map((round) => alternate(items, round).join('')),
    ['abc', 'acb', 'cab', 'cba'],
  )
  t.same(alternate([], 3), [])
  t.end()
})

function routesSample(round: number, routes: number, cpuMicros: number, idleRss: number) {
  const rest = { requestsPerSecond: 1, busy: 1, foreign: 0, othersCpuMicros: 0, errors: 0, attempts: 1 }
  return { round, routes, cpuMicros, idleRss, loadedRss: idleRss, ...rest }
}

t.test('route tables are compared within a round, and memory by route', (t) => {
  const samples = [
    routesSample(0, 10, 20, 50e6),
    routesSample(0, 100_000, 21, 59_999_000),
    routesSample(1, 100_000, 44, 59_999_000),
    routesSample(1, 10, 40, 50e6),
  ]
  t.same(ratios(samples), [1.05, 1.1])
  t.equal(rssPerRoute(samples, 'idleRss'), 100)
  t.end()
})
