import t from 'tap'
import { type TtlLimits, formatDuration, lifetime, parseDuration } from '../../../controller/sandbox/ttl.ts'
import type { Sandbox } from '../../../kubernetes/resources/sandbox.ts'
import { sandbox } from '../../fixtures/shop-objects.ts'

const HOUR = 3_600_000
const CREATED = Date.parse('2026-01-01T10:00:00Z')
const UPDATED = CREATED + 5 * HOUR

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

const LIVES: readonly [string, Sandbox['spec']['ttl'], TtlLimits, number | undefined, string?][] = [
  ['nothing said and no default: for ever', undefined, {}, undefined],
  ['nothing said: the default', undefined, { defaultMs: HOUR }, CREATED + HOUR],
  ['nothing said and only a maximum: the maximum', undefined, { maximumMs: HOUR }, CREATED + HOUR],
  ['its own duration, from its last update', { duration: '8h' }, { defaultMs: HOUR }, UPDATED + 8 * HOUR],
  ['from creation, said so', { duration: '8h', from: 'created' }, {}, CREATED + 8 * HOUR],
  ['from its last update', { duration: '8h', from: 'updated' }, {}, UPDATED + 8 * HOUR],
  ['the maximum itself', { duration: '8h', from: 'created' }, { maximumMs: 8 * HOUR }, CREATED + 8 * HOUR],
  [
    'above the maximum: refused, and gone at the maximum',
    { duration: '9h' },
    { maximumMs: 8 * HOUR },
    UPDATED + 8 * HOUR,
    "spec.ttl.duration: 9h is above the cluster's maximum, 8h",
  ],
  [
    'no duration: refused',
    { duration: 'long' },
    { defaultMs: HOUR },
    UPDATED + HOUR,
    'spec.ttl.duration: "long" is no duration like 8h or 2h30m',
  ],
]

for (const [name, ttl, limits, expiresAt, problem] of LIVES) {
  t.test(name, async (t) => {
    t.strictSame(lifetime(sandbox(ttl === undefined ? {} : { ttl }), UPDATED, limits), {
      expiresAt,
      problems: problem === undefined ? [] : [{ reason: 'Invalid', message: problem }],
    })
  })
}
