import t from 'tap'
import { istioFigures, istioSeries } from '../../bench/figures/istio.ts'
import { straightLine } from '../../bench/scale/fit.ts'
import type { IstioResult } from '../../bench/istio/compare.ts'
import { rightEverywhere } from '../../bench/istio/declared.ts'
import type { HopSample } from '../../bench/istio/hop-load.ts'
import { countIstioFailures, formatIstio } from '../../bench/istio/report.ts'
import { istioRules, marksFor, SIDETRACK_BOTH, ISTIO, NO_PROXY, SUBJECTS } from '../../bench/istio/subject.ts'
import type { Sent } from '../../bench/load/open-loop.ts'

/** One request each 20 ms from 0 on; received 1 ms later. */
function log(...variants: readonly string[]): readonly Sent[] {
  return variants.map((variant, index) => ({
    intended: index * 20,
    sent: index * 20,
    received: variant === 'lost' ? Number.NaN : index * 20 + 1,
    variant,
    kind: 0,
  }))
}

t.test('a sandbox is right everywhere when the last pod has its last wrong answer behind it', async (t) => {
  const early = log('baseline', 'fork', 'fork', 'fork', 'fork')
  const late = log('baseline', 'baseline', 'baseline', 'fork', 'fork')
  t.equal(rightEverywhere([early], 5, 'fork'), 16)
  t.equal(rightEverywhere([early, late], 5, 'fork'), 56)
  t.equal(rightEverywhere([log('baseline', 'fork', 'lost', 'fork')], 0, 'fork'), 61, 'a lost request is not right')
  t.equal(rightEverywhere([log('baseline', 'fork', 'baseline', 'fork')], 0, 'fork'), 61, 'nor is a relapse')
  t.ok(Number.isNaN(rightEverywhere([early, log('baseline')], 5, 'fork')), 'one pod never was')
})

function sample(subject: string, round: number, micros: number): HopSample {
  const latency = { p50: micros, p90: micros, p99: micros * 2, p999: micros * 3, max: micros * 4 }
  const cost = { client: micros, server: micros, others: 1 }
  const rates = [500, 2000].map((rate) => ({
    rate,
    latency,
    cost,
    lateness: latency,
    errors: 0,
    wrong: 0,
    attempts: 1,
  }))
  const full = { client: micros / 2, server: 0, others: 0, requestsPerSecond: 1, busy: 1, errors: 0 }
  return { subject, round, rates, full, idleMillicores: 1, proxy: { rss: 50e6, pss: 40e6 } }
}

const RESULT: IstioResult = {
  versions: {},
  hops: [0, 1].flatMap((round) => [
    sample('no proxy', round, 100 * (round + 1)),
    sample('Sidetrack, client side', round, 130 * (round + 1)),
    sample('Istio, both sides, mutual TLS', round, 200 * (round + 1)),
  ]),
  many: {
    samples: [1, 100].flatMap((sandboxes) =>
      ['Sidetrack, client side', 'Istio, client side'].map((subject) => ({
        subject,
        sandboxes,
        cpuMicros: subject.startsWith('I') ? sandboxes : 20,
        requestsPerSecond: 1,
        rss: 50e6,
        seconds: 1,
        errors: 0,
      })),
    ),
    refused: [{ subject: 'Istio, client side', sandboxes: 10_000, why: 'too large' }],
  },
  twenty: {
    memory: [
      { subject: 'Sidetrack, client side', pods: [{ rss: 50e6, pss: 12e6 }], shared: [] },
      { subject: 'Istio, both sides, mutual TLS', pods: [{ rss: 90e6, pss: 48e6 }], shared: [] },
    ],
    declared: [{ subject: 'Sidetrack, client side', what: 'route', ms: Number.NaN }],
  },
}

t.test('what is judged are ratios within a round, to Istio with both sidecars', async (t) => {
  const found = istioFigures(RESULT)
  const of = (name: string, subject: string) => found.find((each) => each.name === name && each.subject === subject)
  t.match(of('added p50 at 500/s', 'Sidetrack, client side'), { values: [30, 60], unit: 'µs' })
  t.match(of('added p50 at 500/s, × Istio, both sides, mutual TLS', 'Sidetrack, client side'), {
    values: [0.3, 0.3],
    budget: { most: 0.5, of: 'Istio, both sides, mutual TLS' },
  })
  t.match(of('CPU per request, × Istio, both sides, mutual TLS', 'Sidetrack, client side'), { values: [0.65, 0.65] })
  t.equal(of('added p50 at 500/s, × Istio, both sides', 'Sidetrack, client side'), undefined, 'it was not measured')
  t.match(of('memory of a pod, × Istio, both sides, mutual TLS', 'Sidetrack, client side'), { median: 0.25 })
  t.match(of('CPU per request with the most sandboxes, × with 1', 'Sidetrack, client side'), { median: 1 })
  t.match(of('CPU per request with the most sandboxes, × with 1', 'Istio, client side'), { median: 100 })
  t.equal(of('p50 at 500/s', 'no proxy')?.median, 150)
})

t.test('both lines over the number of sandboxes have the same axes', async (t) => {
  const lines = istioSeries(RESULT).filter(({ name }) => name === 'CPU per request')
  t.strictSame(
    lines.map(({ subject, points }) => [subject, points]),
    [
      [
        'Sidetrack, client side',
        [
          [1, 20],
          [100, 20],
        ],
      ],
      [
        'Istio, client side',
        [
          [1, 1],
          [100, 100],
        ],
      ],
    ],
  )
})

t.test(
  'a sandbox that was not right within its trial is a failure, and the report says where a peer ended',
  async (t) => {
    t.equal(countIstioFailures(RESULT), 1)
    t.match(formatIstio(RESULT), /Istio, client side, 10000 sandboxes: too large/)
  },
)

t.test('nobody has a proxy that the subject does not say', async (t) => {
  t.strictSame(marksFor(NO_PROXY, 'client'), {})
  t.strictSame(marksFor(ISTIO, 'server'), {})
  t.strictSame(marksFor(SIDETRACK_BOTH, 'server').annotations, {
    'sidetrack.dev/inject': 'true',
    'sidetrack.dev/inbound': 'true',
  })
  t.equal(new Set(SUBJECTS.map(({ name }) => name)).size, SUBJECTS.length)
})

t.test('each key has a match of its own before the baseline', async (t) => {
  const [, rules] = istioRules('shop', { 'pr-1': 'fork', 'pr-2': 'pr-2' })
  t.match(rules, {
    spec: {
      http: [
        { match: [{ headers: { baggage: { regex: /pr-1/ } } }], route: [{ destination: { subset: 'fork' } }] },
        { match: [{ headers: { baggage: { regex: /pr-2/ } } }], route: [{ destination: { subset: 'pr-2' } }] },
        { route: [{ destination: { subset: 'baseline' } }] },
      ],
    },
  })
})

t.test('what grows has the line that it grows by, what does not has none', async (t) => {
  const [own, other] = istioSeries(RESULT)
  t.equal(own?.fit, undefined)
  t.match(other?.fit, { formula: 'a + b·x', a: 0, b: 1, r2: 1 })
  const { a, b, r2 } = straightLine([
    [0, 1],
    [1, 2],
    [2, 6],
  ])
  t.strictSame(
    [a, b, r2].map((each) => Number(each.toFixed(4))),
    [0.5, 2.5, 0.8929],
  )
})
