// Which fault a lost request is owed to, and which one to none: pure.

import type { Entry } from '../e2e/ledger/summary.ts'
import { type Caller, passes } from './expectation.ts'

/** What a fault or a change may cost. */
export interface Cost {
  /** Requests that depend on its calls; every request if not given. */
  readonly caller?: Caller
  /** Requests with this key only. */
  readonly key?: string
  /** Those that were sent before. Milliseconds of Unix time. */
  readonly until?: number
  /** It was announced that calls bypass their sidecar: requests with a key alone suffer, and may be answered by the baseline. */
  readonly bypass?: boolean
}

export interface Window {
  readonly kind: string
  /** A fault that was made, or a change that somebody wanted. */
  readonly is: 'fault' | 'change'
  /** Milliseconds of Unix time. */
  readonly from: number
  readonly to: number
  /** Nothing if not given. */
  readonly cost?: Cost
}

export interface Wrong extends Entry {
  readonly ledger: string
}

export interface Account {
  /** By kind of fault or change: how often it happened, and what was lost by it, of the baseline and of forks. */
  readonly kinds: Readonly<Record<string, Tally>>
  readonly misrouted: readonly Wrong[]
  /** Lost, and no window says why; `during` are the kinds that were open. */
  readonly unexplained: readonly (Wrong & { readonly during: readonly string[] })[]
}

export interface Tally {
  is: Window['is']
  times: number
  baseline: number
  keyed: number
  /** Of requests with a key: those that the baseline answered, as was announced. */
  bypassed: number
  /** How they were lost. */
  how: Record<string, number>
}

export function account(windows: readonly Window[], wrong: readonly Wrong[]): Account {
  const kinds: Record<string, Tally> = {}
  for (const { kind, is } of windows) {
    const tally = (kinds[kind] ??= { is, times: 0, baseline: 0, keyed: 0, bypassed: 0, how: {} })
    tally.times++
  }
  // What is lost by a fault is not put down to a change that was under way as well.
  const byWeight = windows.toSorted((a, b) => Number(b.is === 'fault') - Number(a.is === 'fault'))
  const misrouted: Wrong[] = []
  const unexplained: Account['unexplained'][number][] = []
  for (const entry of wrong) {
    if (entry.verdict.is === 'right') continue
    const { is, what } = entry.verdict
    const open = byWeight.filter(({ from, to }) => entry.sent <= to && entry.ended >= from)
    const by = open.find(({ cost }) => cost !== undefined && covers(cost, entry))
    const tally = by === undefined ? undefined : kinds[by.kind]
    if (tally === undefined) {
      if (is === 'misrouted') misrouted.push(entry)
      else unexplained.push({ ...entry, during: open.map(({ kind }) => kind) })
      continue
    }
    if (is === 'misrouted') tally.bypassed++
    else if (isUnkeyed(entry)) tally.baseline++
    else tally.keyed++
    if (is === 'lost') tally.how[what] = (tally.how[what] ?? 0) + 1
  }
  return { kinds, misrouted, unexplained }
}

function covers({ caller, key, until = Infinity, bypass = false }: Cost, entry: Wrong): boolean {
  const { errand, ledger, sent, verdict } = entry
  if (sent > until || (bypass && isUnkeyed(entry))) return false
  if (verdict.is === 'misrouted' && !(bypass && verdict.what.endsWith(' by baseline'))) return false
  if (key !== undefined && !errand.split(' ').includes(key)) return false
  return caller === undefined || passes(errand, ledger, caller)
}

export function isUnkeyed({ errand }: Pick<Entry, 'errand'>): boolean {
  return errand.includes(' unkeyed')
}
