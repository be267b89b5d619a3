// What a ledger says about all requests so far.

import type { Verdict } from './judge.ts'

/** One request. Times are milliseconds of Unix time. */
export interface Entry {
  readonly errand: string
  readonly sent: number
  readonly ended: number
  readonly verdict: Verdict
  /** The beginning of an answer that was not right. */
  readonly answer?: string
}

export interface Tally {
  readonly count: number
  /** When the first and the last of them ended. */
  readonly first: number
  readonly last: number
}

export interface Summary {
  readonly right: Readonly<Record<string, number>>
  /** By errand and kind: `unkeyed: sent ECONNRESET`. */
  readonly lost: Readonly<Record<string, Tally>>
  readonly misrouted: Readonly<Record<string, Tally>>
  /** Requests that are under way. */
  readonly pending: number
  readonly connections: { readonly opened: number; readonly closed: number; readonly broken: number }
  /** Of requests that were answered as they had to be. */
  readonly milliseconds: { readonly p50: number; readonly p99: number; readonly max: number }
}

export function summarize(entries: readonly Entry[], pending: number, connections: Summary['connections']): Summary {
  const right: Record<string, number> = {}
  const tallies: Record<'lost' | 'misrouted', Record<string, Tally>> = { lost: {}, misrouted: {} }
  for (const { errand, ended, verdict } of entries) {
    if (verdict.is === 'right') {
      right[errand] = (right[errand] ?? 0) + 1
      continue
    }
    const kind = `${errand}: ${verdict.what}`
    const { count = 0, first = ended } = tallies[verdict.is][kind] ?? {}
    tallies[verdict.is][kind] = { count: count + 1, first, last: ended }
  }
  const times = entries.filter(({ verdict }) => verdict.is === 'right').map(({ sent, ended }) => ended - sent)
  const sorted = Float64Array.from(times).toSorted()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { right, ...tallies, pending, connections, milliseconds: { p50: at(0.5), p99: at(0.99), max: at(1) } }
}
