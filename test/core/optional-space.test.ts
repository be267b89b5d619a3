import t from 'tap'
import { trimSpace } from '../../core/optional-space.ts'

for (const [text, trimmed] of [
  ['', ''],
  ['a', 'a'],
  [' \t a \t ', 'a'],
  ['a \t b', 'a \t b'],
  [' \t ', ''],
  ['\u00a0a\u00a0', '\u00a0a\u00a0'],
  ['\na\r', '\na\r'],
] as const) {
  t.test(`${JSON.stringify(text)} is ${JSON.stringify(trimmed)} without the space around it`, async (t) => {
    t.equal(trimSpace(text), trimmed)
  })
}

// In quadratic time this would take a quarter of an hour.
t.test('a million spaces inside are no work', async (t) => {
  const text = `a${' '.repeat(1_000_000)}b`
  t.equal(trimSpace(` ${text} `), text)
})
