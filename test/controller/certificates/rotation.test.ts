import t from 'tap'
import type { Identity } from '../../../controller/certificates/identity.ts'
import { planCertificates, ROTATION_TIMING } from '../../../controller/certificates/rotation.ts'

const NOW = Date.parse('2026-06-15T12:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** An identity that was made so long ago. */
const made = (id: string, ago: number): Identity => ({
  id,
  certificate: `${id} certificate`,
  key: `${id} key`,
  authority: `${id} authority\n`,
  from: NOW - ago - HOUR,
  to: NOW - ago + 30 * DAY,
})
const bundleOf = (...identities: readonly Identity[]) => identities.map(({ authority }) => authority).join('')

interface Case {
  readonly stored: readonly Identity[]
  readonly bundle?: string
  /** How long each identity has been trusted. */
  readonly trusted?: Readonly<Record<string, number>>
  readonly mint?: boolean
  readonly kept?: readonly Identity[]
  readonly sets?: string
  readonly serve?: string
  readonly again: number
}

const FRESH = made('fresh', DAY)
const DUE = made('due', 20 * DAY)
const NEXT = made('next', 30_000)
const LAST_HOUR = made('last-hour', 30 * DAY - HOUR)
const GONE = made('gone', 31 * DAY)
const FUTURE = made('future', -2 * HOUR)
const SETTLED = 60_000

const CASES: readonly (readonly [string, Case])[] = [
  ['nothing stored: one is made', { stored: [], mint: true, again: 0 }],
  ['only an ended one: one is made, the ended one dropped', { stored: [GONE], kept: [], mint: true, again: 0 }],
  ['one that another clock calls ended: likewise', { stored: [LAST_HOUR], kept: [], mint: true, again: 0 }],
  ['one that begins later: one is made beside it', { stored: [FUTURE], kept: [], mint: true, again: 0 }],
  [
    'the first one: served before it is trusted, and announced',
    { stored: [FRESH], sets: bundleOf(FRESH), serve: 'fresh', again: SETTLED },
  ],
  [
    'one in force: served until it is due',
    { stored: [FRESH], bundle: bundleOf(FRESH), trusted: { fresh: DAY }, serve: 'fresh', again: 19 * DAY },
  ],
  [
    'one in force, seen by a replica that started now: served',
    { stored: [FRESH], bundle: bundleOf(FRESH), trusted: { fresh: 0 }, serve: 'fresh', again: SETTLED },
  ],
  [
    'one that is due: the next one is made, the old one kept and served',
    { stored: [DUE], bundle: bundleOf(DUE), trusted: { due: DAY }, mint: true, serve: 'due', again: 0 },
  ],
  [
    'the next one, not announced: both are announced, the old one served',
    {
      stored: [DUE, NEXT],
      bundle: bundleOf(DUE),
      trusted: { due: DAY },
      sets: bundleOf(DUE, NEXT),
      serve: 'due',
      again: SETTLED,
    },
  ],
  [
    'the next one, just announced: the old one served',
    {
      stored: [DUE, NEXT],
      bundle: bundleOf(DUE, NEXT),
      trusted: { due: DAY, next: 20_000 },
      serve: 'due',
      again: 40_000,
    },
  ],
  [
    'the next one, announced long enough: served, the old one still trusted',
    {
      stored: [DUE, NEXT],
      bundle: bundleOf(DUE, NEXT),
      trusted: { due: DAY, next: SETTLED },
      serve: 'next',
      again: 10 * DAY - HOUR,
    },
  ],
  [
    'both announced, seen by a replica that started now: the old one served until the new one is surely known',
    {
      stored: [DUE, NEXT],
      bundle: bundleOf(DUE, NEXT),
      trusted: { due: 0, next: 0 },
      serve: 'due',
      again: SETTLED,
    },
  ],
  [
    'the old one taken out of the bundle by somebody: the new one served at once, the old one announced again',
    {
      stored: [DUE, NEXT],
      bundle: bundleOf(NEXT),
      trusted: { next: 0 },
      sets: bundleOf(DUE, NEXT),
      serve: 'next',
      again: SETTLED,
    },
  ],
  [
    'the bundle emptied by somebody: announced again',
    { stored: [FRESH], bundle: '', sets: bundleOf(FRESH), serve: 'fresh', again: SETTLED },
  ],
  [
    'an authority of somebody else in the bundle: taken out',
    {
      stored: [FRESH],
      bundle: `foreign\n${bundleOf(FRESH)}`,
      trusted: { fresh: DAY },
      sets: bundleOf(FRESH),
      serve: 'fresh',
      again: 19 * DAY,
    },
  ],
  [
    'the old one ended: its authority taken out',
    {
      stored: [GONE, made('heir', 11 * DAY)],
      bundle: bundleOf(GONE, made('heir', 11 * DAY)),
      trusted: { gone: 30 * DAY, heir: 11 * DAY },
      kept: [made('heir', 11 * DAY)],
      sets: bundleOf(made('heir', 11 * DAY)),
      serve: 'heir',
      again: 9 * DAY,
    },
  ],
]

for (const [name, { stored, bundle = '', trusted = {}, mint = false, kept = stored, sets, serve, again }] of CASES) {
  t.test(name, async (t) => {
    const trustedSince = new Map(Object.entries(trusted).map(([id, age]) => [`${id} authority\n`, NOW - age]))
    const plan = planCertificates({ identities: stored, bundle, trustedSince }, ROTATION_TIMING, NOW)
    t.strictSame({ ...plan, serve: plan.serve?.id }, { mint, kept, bundle: sets, serve, again })
  })
}
