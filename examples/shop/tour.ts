// The tour: requests with different routing keys, which variant must answer each hop, and whether it did.

import { flatten, type Hop } from './path.ts'

export const SERVICES = ['storefront', 'cart', 'pricing', 'catalog'] as const
export type ServiceName = (typeof SERVICES)[number]

/** Who calls whom in the shop; the tour itself calls storefront. */
const CALLERS: ReadonlyMap<string, string> = new Map([
  ['storefront', 'tour'],
  ['cart', 'storefront'],
  ['pricing', 'cart'],
  ['catalog', 'cart'],
])

/** In place of a variant: the service was never called. */
export const NOT_CALLED = '-'

export interface Stop {
  /** What it shows, for a person. */
  readonly about: string
  /** The `baggage` header, if any. */
  readonly baggage: string | undefined
  readonly status: number
  /** Per service the variant that must answer, the error code that must come instead, or NOT_CALLED. */
  readonly answers: Readonly<Record<ServiceName, string>>
}

const BASELINE = { storefront: 'baseline', cart: 'baseline', pricing: 'baseline', catalog: 'baseline' }

export const TOUR: readonly Stop[] = [
  { about: 'no key', baggage: undefined, status: 200, answers: BASELINE },
  { about: 'fork of cart', baggage: 'sidetrack=pr-42', status: 200, answers: { ...BASELINE, cart: 'pr-42' } },
  { about: 'fork of pricing', baggage: 'sidetrack=pr-57', status: 200, answers: { ...BASELINE, pricing: 'pr-57' } },
  {
    about: 'both forks',
    baggage: 'sidetrack=pr-42.pr-57',
    status: 200,
    answers: { ...BASELINE, cart: 'pr-42', pricing: 'pr-57' },
  },
  {
    about: 'beside other baggage',
    baggage: 'user=ann,sidetrack=pr-42',
    status: 200,
    answers: { ...BASELINE, cart: 'pr-42' },
  },
  { about: 'unknown key', baggage: 'sidetrack=pr-0', status: 200, answers: BASELINE },
  {
    about: 'unknown key, strict',
    baggage: 'sidetrack=pr-0;strict',
    status: 503,
    answers: { storefront: 'ST1103', cart: NOT_CALLED, pricing: NOT_CALLED, catalog: NOT_CALLED },
  },
  {
    about: 'fork is down',
    baggage: 'sidetrack=pr-99',
    status: 503,
    answers: { storefront: 'baseline', cart: 'ST1102', pricing: NOT_CALLED, catalog: NOT_CALLED },
  },
  {
    about: 'fork not ready',
    baggage: 'sidetrack=pr-13',
    status: 503,
    answers: { ...BASELINE, pricing: 'ST1101' },
  },
  { about: 'not ready, falls back', baggage: 'sidetrack=pr-21', status: 200, answers: BASELINE },
]

/** What came back for a stop. */
export interface Outcome {
  /** 0 if there was no answer. */
  readonly status: number
  /** What the answer says went wrong, as a reader of the page sees it. */
  readonly error: string | undefined
  /** Undefined if it never became whole. */
  readonly path: Hop | undefined
  readonly ms: number
}

/** Per service who answered, in the words of `Stop.answers`; several, joined with `+`, if it was called more than once. */
export function answersOf(path: Hop | undefined): Readonly<Record<ServiceName, string>> {
  const hops = path === undefined ? [] : flatten(path)
  const answer = (service: ServiceName) => {
    const seen = hops.filter((hop) => hop.service === service).map((hop) => hop.fault ?? hop.variant ?? '?')
    return seen.length === 0 ? NOT_CALLED : seen.join('+')
  }
  return {
    storefront: answer('storefront'),
    cart: answer('cart'),
    pricing: answer('pricing'),
    catalog: answer('catalog'),
  }
}

/** What is wrong with the outcome, a sentence each; empty if all is as it must be. */
export function check(stop: Stop, outcome: Outcome): readonly string[] {
  if (outcome.path === undefined)
    return [`no whole path was reported${outcome.error === undefined ? '' : `: ${outcome.error}`}`]
  const faults: string[] = []
  const answers = answersOf(outcome.path)
  for (const service of SERVICES) {
    if (answers[service] === stop.answers[service]) continue
    faults.push(`${service}: ${inWords(answers[service])}; it must be ${inWords(stop.answers[service])}`)
  }
  for (const hop of flatten(outcome.path)) {
    const caller = CALLERS.get(hop.service)
    if (caller === undefined) faults.push(`${hop.service} was called and is no part of the shop`)
    else if (hop.caller !== caller) faults.push(`${hop.service} was called by ${hop.caller}; it must be ${caller}`)
  }
  if (outcome.status !== stop.status) faults.push(`status ${outcome.status}; it must be ${stop.status}`)
  // Whoever reads the page must learn which rule stopped the request.
  for (const code of SERVICES.map((service) => stop.answers[service]).filter((answer) => answer.startsWith('ST'))) {
    if (outcome.error?.includes(code) !== true) faults.push(`the answer does not say ${code}`)
  }
  return faults
}

function inWords(answer: string): string {
  return answer === NOT_CALLED ? 'not called' : answer
}
