import { test } from 'tap'
import { type Entry, summarize } from './summary.ts'

const NONE = { opened: 0, closed: 0, broken: 0 }

function entry(ended: number, errand: string, verdict: Entry['verdict']): Entry {
  return { errand, sent: 100, ended, verdict }
}

test('every entry is counted once, losses by errand and kind with their times', (t) => {
  const lost = { is: 'lost', what: 'sent ECONNRESET' } as const
  const entries: Entry[] = [
    entry(101, 'unkeyed', { is: 'right' }),
    entry(102, 'unkeyed', lost),
    entry(105, 'unkeyed', lost),
    entry(106, 'keyed', { is: 'misrouted', what: 'cart by baseline' }),
    entry(150, 'keyed', { is: 'right' }),
  ]
  t.same(summarize(entries, 3, NONE), {
    right: { unkeyed: 1, keyed: 1 },
    lost: { 'unkeyed: sent ECONNRESET': { count: 2, first: 102, last: 105 } },
    misrouted: { 'keyed: cart by baseline': { count: 1, first: 106, last: 106 } },
    pending: 3,
    connections: NONE,
    milliseconds: { p50: 50, p99: 50, max: 50 },
  })
  t.end()
})

test('an empty ledger has nothing to say', (t) => {
  const { lost, milliseconds } = summarize([], 0, NONE)
  t.same({ lost, milliseconds }, { lost: {}, milliseconds: { p50: 0, p99: 0, max: 0 } })
  t.end()
})
