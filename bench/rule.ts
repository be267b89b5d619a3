// The one rule that all peers route by: the baggage member `sidetrack` holds one of the table's keys → the fork, else the baseline.

export const VARIANTS = ['baseline', 'fork', 'other-fork'] as const
export type Variant = (typeof VARIANTS)[number]

/** One request's `baggage` header ('' for none) and the variant that must answer it. */
export interface Expectation {
  readonly baggage: string
  readonly variant: Variant
}

/** What load generators may be told: `*` accepts any variant. */
export interface LoadEntry {
  readonly baggage: string
  readonly variant: Variant | '*'
}

/** The keys of a table of `count` routes. */
export function tableKeys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `pr-${index}`)
}

/**
 * The rule as a regular expression over the whole header, for proxies that have no notion of baggage (PCRE and RE2 alike).
 * It is less than W3C Baggage: no percent-decoding, no several keys, no limits, the first member of the name counts.
 */
export function rulePattern(keys: readonly string[]): string {
  return `(?:^|,)[ \\t]*sidetrack[ \\t]*=[ \\t]*(?:${keys.join('|')})[ \\t]*(?:[;,]|$)`
}

/** The same for matchers that must match the whole text (Envoy). */
export function wholeRulePattern(keys: readonly string[]): string {
  return `(?:.*,)?[ \\t]*sidetrack[ \\t]*=[ \\t]*(?:${keys.join('|')})[ \\t]*(?:[;,].*)?`
}

/** What is asked of every peer before it is measured. */
export function ruleCases(keys: readonly string[]): readonly Expectation[] {
  const first = keys[0] ?? ''
  const last = keys.at(-1) ?? ''
  return [
    { baggage: '', variant: 'baseline' },
    { baggage: 'userId=alice,tenant=blue', variant: 'baseline' },
    { baggage: `sidetrack=${first}`, variant: 'fork' },
    { baggage: `sidetrack=${last}`, variant: 'fork' },
    { baggage: `userId=alice,sidetrack=${last},tenant=blue`, variant: 'fork' },
    { baggage: `userId=alice, sidetrack = ${first} ;ttl=5`, variant: 'fork' },
    { baggage: 'sidetrack=unknown', variant: 'baseline' },
    { baggage: `sidetrack=${first}x`, variant: 'baseline' },
    { baggage: `xsidetrack=${first}`, variant: 'baseline' },
    { baggage: `userId=sidetrack,note=${first}`, variant: 'baseline' },
  ]
}

/**
 * The load: a quarter without baggage, a quarter with other members only, half with a key, of which one in eight is unknown.
 * `length` should be prime: 64 connections that take requests in turn then each meet all of them.
 */
export function requestMix(keys: readonly string[], length: number): readonly Expectation[] {
  return Array.from({ length }, (_, index): Expectation => {
    // Spread over the whole table, so that a large one is not measured by its first few entries.
    const key = keys[Math.floor((index * keys.length) / length)] ?? ''
    switch (index % 4) {
      case 0:
        return { baggage: '', variant: 'baseline' }
      case 1:
        return { baggage: 'userId=alice,tenant=blue,session=2f1c9a', variant: 'baseline' }
      default:
        return index % 16 === 2
          ? { baggage: 'userId=alice,sidetrack=gone', variant: 'baseline' }
          : { baggage: `userId=alice,sidetrack=${key}`, variant: 'fork' }
    }
  })
}

/** As load generators read it: a line `VARIANT TAB BAGGAGE` for each request. */
export function formatMix(mix: readonly LoadEntry[]): string {
  return mix.map(({ variant, baggage }) => `${variant}\t${baggage}\n`).join('')
}
