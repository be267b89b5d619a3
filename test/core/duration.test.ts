import t from 'tap'
import { formatDuration, parseDuration } from '../../core/duration.ts'

const HOUR = 3_600_000

const DURATIONS: readonly [string, number | undefined][] = [
  ['8h', 8 * HOUR],
  ['2h30m', 2.5 * HOUR],
  ['90m', 1.5 * HOUR],
  ['1h1m1s', HOUR + 61_000],
  ['', undefined],
  ['0h', undefined],
  ['8', undefined],
  ['1d', undefined],
  ['1m1h', undefined],
  ['-1h', undefined],
  ['1.5h', undefined],
  [' 1h', undefined],
  ['99999999999999999h', undefined],
]

for (const [text, expected] of DURATIONS) {
  t.test(`${JSON.stringify(text)} is ${expected === undefined ? 'no duration' : `${expected} ms`}`, async (t) => {
    t.equal(parseDuration(text), expected)
  })
}

t.test('a duration is written in the largest units', async (t) => {
  t.strictSame([8 * HOUR, 2.5 * HOUR, 90_000, HOUR + 1000, 0].map(formatDuration), [
    '8h',
    '2h30m',
    '1m30s',
    '1h1s',
    '0s',
  ])
})
