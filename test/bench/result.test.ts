import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { http1Figures } from '../../bench/figures/http1.ts'
import { budgetFigures, figure } from '../../bench/results/figure.ts'
import { readResult, type Result } from '../../bench/results/result.ts'
import { savedResults, saveResult } from '../../bench/results/saved.ts'
import { sample } from '../fixtures/http1-sample.ts'

const RESULT: Result = {
  bench: 'cost',
  command: 'npm run bench -- cost',
  commit: 'abc1234',
  date: '2026-01-01T00:00:00.000Z',
  machine: { cpu: 'one', cores: 2, memoryBytes: 1, kernel: '6', load: 0.1, versions: { node: 'v26' } },
  versions: {},
  settings: { rounds: 2 },
  figures: [{ name: 'CPU', subject: 'sidetrack', unit: 'µs', median: 2, values: [1, 3], budget: { most: 4 } }],
  series: [{ name: 'CPU', subject: 'a', x: { name: 'n', unit: '' }, y: { name: 'CPU', unit: 'µs' }, points: [[1, 2]] }],
}

t.test('what is kept is read back, without what was not measured', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sidetrack-results-'))
  t.teardown(() => import('node:fs').then(({ rmSync }) => rmSync(folder, { recursive: true })))
  const nothing = figure('CPU', 'envoy', 'µs', [Number.NaN])
  const file = saveResult({ ...RESULT, figures: [...RESULT.figures, nothing] }, folder)
  t.strictSame(savedResults(folder), new Map([['cost', RESULT]]))
  t.match(readFileSync(file, 'utf8'), '"values": [1, 3]', 'a list of numbers takes one line')
})

const WRONG: readonly (readonly [string, object, RegExp])[] = [
  [
    'a figure without values',
    { figures: [{ ...RESULT.figures[0], values: [] }] },
    /figures\[0\]\.values is no list of/,
  ],
  ['a value that was NaN', { figures: [{ ...RESULT.figures[0], values: [null] }] }, /values\[0\] is no number/],
  ['a budget without a limit', { figures: [{ ...RESULT.figures[0], budget: {} }] }, /budget\.most is no number/],
  ['a point of one number', { series: [{ ...RESULT.series[0], points: [[1]] }] }, /points\[0\] is no list/],
  ['a figure twice', { figures: [RESULT.figures[0], RESULT.figures[0]] }, /'CPU, sidetrack' is there twice/],
  ['no commit', { commit: undefined }, /commit is no text/],
]
for (const [name, part, message] of WRONG) {
  t.test(`a file with ${name} is refused`, async (t) => {
    t.throws(() => readResult(JSON.stringify({ ...RESULT, ...part }), 'cost.json'), message)
  })
}

t.test('budgets become figures that say what they may be at most', async (t) => {
  t.strictSame(budgetFigures([{ what: 'RSS', measured: 49.123456, limit: 50, unit: ' MB' }], 'own'), [
    { name: 'RSS', subject: 'own', unit: 'MB', median: 49.1235, values: [49.1235], budget: { most: 50 } },
  ])
})

t.test('the figures of http1 have a value for each round, ratios within their round', async (t) => {
  const rounds = [0, 1].flatMap((round) => [
    sample('direct', round, Number.NaN, 50),
    sample('sidetrack', round, 18 + round, 80 + round),
    sample('haproxy', round, 20, 90),
  ])
  const found = http1Figures(rounds).filter(({ values }) => values.length > 0)
  const valuesOf = (name: string, subject: string) =>
    found.find((each) => each.name === name && each.subject === subject)?.values
  t.strictSame(valuesOf('CPU per request', 'sidetrack'), [18, 19])
  t.strictSame(valuesOf('CPU per request, × HAProxy', 'sidetrack'), [0.9, 0.95])
  t.strictSame(valuesOf('added p50', 'sidetrack'), [30, 31])
  t.equal(valuesOf('added p50', 'direct'), undefined)
  t.equal(valuesOf('CPU per request, × Envoy', 'sidetrack'), undefined, 'Envoy was not there')
})
