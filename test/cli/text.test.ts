import { PassThrough } from 'node:stream'
import t from 'tap'
import { type ProgressState, progressLines, startProgress } from '../../cli/progress.ts'
import { tableText } from '../../cli/table.ts'
import { dueText, secondsText, spanText } from '../../cli/time-text.ts'

const S = 1000
const M = 60 * S
const H = 60 * M

const SPANS: readonly [ms: number, text: string][] = [
  [-5, '0s'],
  [999, '0s'],
  [119 * S, '119s'],
  [2 * M, '2m'],
  [9 * M + 59 * S, '9m59s'],
  [10 * M + 59 * S, '10m'],
  [3 * H, '3h'],
  [7 * H + 59 * M, '7h59m'],
  [8 * H + 59 * M, '8h'],
  [47 * H, '47h'],
  [48 * H, '2d'],
]

for (const [ms, text] of SPANS) t.test(`${ms} ms are ${text}`, async (t) => t.equal(spanText(ms), text))

t.test('a time to come, and one that is over', async (t) => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  t.strictSame(
    [undefined, '2026-01-01T02:05:00Z', '2025-12-31T23:59:59Z'].map((at) => dueText(at, now)),
    ['', 'in 125m', 'now'],
  )
})

t.test('seconds have the digits that matter', async (t) => {
  t.strictSame([4, 999, 3210, 75_400].map(secondsText), ['0.00 s', '1.00 s', '3.2 s', '75 s'])
})

t.test('a table has straight columns and no spaces at the ends of lines', async (t) => {
  t.equal(
    tableText(
      ['NAME', 'KEY', 'READY'],
      [
        ['a-long-name', '', 'True'],
        ['b', 'k', ''],
      ],
    ),
    'NAME          KEY   READY\na-long-name   -     True\nb             k     -\n',
  )
})

t.test('progress shows what is done, what it waits for and why, in lines that fit', async (t) => {
  const steps = [{ text: 'created', doneAfterMs: 40 }, { text: 'pod scheduled' }, { text: 'fork ready' }]
  const note = `Unschedulable: ${'no node has room '.repeat(9)}\nsecond line`
  const lines = progressLines({ steps, note, elapsedMs: 2500 }, 60, (_, text) => text)
  t.equal(lines[0], '✓ created                 0.04 s')
  t.match(lines[1], /^. pod scheduled {11}2.5 s {2}Unschedulable: no nod.*…$/)
  t.equal(lines[2], '  fork ready')
  t.ok(lines.every((line) => line.length < 60))
})

t.test('progress is drawn in place on a terminal, and stays there at its end', async (t) => {
  const screen = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 80 })
  const state: ProgressState = {
    steps: [{ text: 'created', doneAfterMs: 40 }, { text: 'ready' }],
    note: '',
    elapsedMs: 50,
  }
  const progress = startProgress(screen, () => state)
  progress.show({ ...state, steps: state.steps.map(({ text }) => ({ text, doneAfterMs: 40 })) })
  progress.end()
  const [first, second] = String(screen.read()).split('\u001B[2A')
  t.match(first, /created +0.04 s[^\n]*\n.*ready +0.05 s[^\n]*\n$/s)
  t.match(second, /created +0.04 s[^\n]*\n.*ready +0.04 s[^\n]*\n$/s)
})
