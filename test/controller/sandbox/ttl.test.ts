import t from 'tap'
import { type TtlLimits, lifetime } from '../../../controller/sandbox/ttl.ts'
import type { Sandbox } from '../../../kubernetes/resources/sandbox.ts'
import { sandbox } from '../../fixtures/shop-objects.ts'

const HOUR = 3_600_000
const CREATED = Date.parse('2026-01-01T10:00:00Z')
const UPDATED = CREATED + 5 * HOUR

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
