// OpenTelemetry's own propagator is the oracle: the sidecar must see the member as the application behind it does.

import { isDeepStrictEqual } from 'node:util'
import { ROOT_CONTEXT, propagation } from '@opentelemetry/api'
import { W3CBaggagePropagator } from '@opentelemetry/core'
import * as fc from 'fast-check'
import t from 'tap'
import { readBaggageMember } from '../../core/baggage.ts'

const RUNS = 30_000
const NAME = 'sidetrack'
const propagator = new W3CBaggagePropagator()

function readByOpenTelemetry(header: string): { value: string; properties: string } | undefined {
  const getter = { keys: () => ['baggage'], get: () => header }
  const entry = propagation.getBaggage(propagator.extract(ROOT_CONTEXT, {}, getter))?.getEntry(NAME)
  return entry && { value: entry.value, properties: entry.metadata?.toString() ?? '' }
}

interface Difference {
  readonly why: string
  /** True if the header has what makes the difference. */
  readonly applies: (header: string) => boolean
  /** The header without it: both must read that one the same way. */
  readonly without: (header: string) => string
  readonly example: string
}

/** Every way in which the two may read a header differently. */
const WANTED: readonly Difference[] = [
  {
    why: 'OpenTelemetry decodes percent-encoded names; the specification encodes values only, so another name is another member',
    applies: (header) => header.split(',').some((member) => /^[^=;]*%[^=;]*=/.test(member)),
    without: (header) =>
      header
        .split(',')
        .map((member) => member.replace(/^[^=;]*=/, (name) => name.replaceAll('%', '.')))
        .join(','),
    example: '%73idetrack=a',
  },
  {
    why: 'OpenTelemetry trims all white space that String.trim knows; the header syntax has space and tab only (RFC 9110 §5.6.3)',
    applies: (header) => /[^\S \t]/.test(header),
    without: (header) => header.replace(/[^\S \t]/g, '.'),
    example: 'sidetrack\u00a0=a',
  },
]

const KEY = fc.oneof(
  { weight: 6, arbitrary: fc.constant(NAME) },
  fc.constantFrom(
    'a',
    'b',
    'Sidetrack',
    'sidetrackx',
    'x-sidetrack',
    'side track',
    '',
    '%73idetrack',
    'side%74rack',
    '%zz',
    '%C3',
    'é',
    '\u00a0',
    '__proto__',
    'constructor',
  ),
)
const VALUE = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('pr-42', 'pr-42.pr-57', 'a%2Cb', '%70r-42', 'a=b', '"q"') },
  fc.constantFrom(
    '',
    ' ',
    '%',
    '%zz',
    '%C3',
    '%C3%A9',
    '%00',
    '%E2%82',
    '%ff',
    '=',
    'é',
    '\u00ff',
    '\u00a0',
    '\u0085',
    'a b',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.integer({ min: 3500, max: 4200 }).map((length) => 'v'.repeat(length)),
)
const OWS = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom(' ', '\t', ' \t ', '\u00a0', '\v', '\f'),
)
const PROPERTIES = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom(';', ';strict', '; a = b ;strict', ';;', ';a=sidetrack=b', ';%zz', ';\u00a0'),
)
const MEMBER = fc
  .tuple(OWS, KEY, OWS, fc.constantFrom('=', '=', '=', '=', '', '=='), OWS, VALUE, OWS, PROPERTIES)
  .map((parts) => parts.join(''))
const MANY = fc
  .tuple(
    fc.constantFrom('m=1', 'm', 'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm=1', ' m = 1 ', '%zz=1'),
    fc.integer({ min: 150, max: 200 }),
  )
  .map(([member, count]) => Array.from({ length: count }, () => member).join(','))
const MEMBERS = fc
  .array(fc.oneof({ weight: 12, arbitrary: MEMBER }, { weight: 1, arbitrary: MANY }, fc.constant('')), { maxLength: 6 })
  .map((members) => members.join(','))
const MUTATED = fc
  .tuple(
    MEMBERS,
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(',', ';', '=', '%', ' ', '\t', '\u00e9', 's', '2', ''),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([header, mutations]) => {
    let text = header
    for (const [at, byte] of mutations) {
      const index = Math.floor(at * text.length)
      text = text.slice(0, index) + byte + text.slice(index + 1)
    }
    return text
  })

function agree(header: string): boolean {
  return isDeepStrictEqual(readBaggageMember(header, NAME), readByOpenTelemetry(header))
}

t.test('the member is read as OpenTelemetry reads it', async (t) => {
  const counts = { found: 0, absent: 0, different: 0 }
  fc.assert(
    fc.property(MUTATED, (header) => {
      if (agree(header)) counts[readBaggageMember(header, NAME) === undefined ? 'absent' : 'found']++
      else {
        counts.different++
        if (!WANTED.some(({ applies }) => applies(header))) return false
      }
      return agree(WANTED.reduce((text, { without }) => without(text), header))
    }),
    { numRuns: RUNS },
  )
  t.comment(JSON.stringify(counts))
  t.ok(counts.found > RUNS / 5, 'it was often there')
  t.ok(counts.absent > RUNS / 20, 'it was often absent')
  t.ok(counts.different < RUNS / 4, 'it was seldom read differently')
})

t.test('each wanted difference is one', async (t) => {
  for (const { why, applies, without, example } of WANTED) {
    t.notSame(readBaggageMember(example, NAME)?.value, readByOpenTelemetry(example)?.value, why)
    t.ok(applies(example), why)
    t.ok(agree(without(example)), why)
    const others = WANTED.filter((other) => other.why !== why)
    t.notOk(
      others.some((other) => other.applies(example)),
      'no other reason explains it',
    )
  }
})

t.test('an ordinary header holds no wanted difference', async (t) => {
  for (const header of ['sidetrack=pr-42', 'a=1;p=2, sidetrack = a%2Cb ;strict,b=%C3%A9']) {
    t.notOk(
      WANTED.some(({ applies }) => applies(header)),
      header,
    )
    t.strictSame(readBaggageMember(header, NAME), readByOpenTelemetry(header))
  }
})
