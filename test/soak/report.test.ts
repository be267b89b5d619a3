import { test } from 'tap'
import type { Course } from './growth.ts'
import { figures, type Found, isGood, tell } from './report.ts'

const course: Course = { component: 'agent', seconds: 600, first: 80, last: 90, most: 95, points: [[0, 80]] }
const killed = { is: 'fault', times: 2, baseline: 3, keyed: 1, bypassed: 4, how: { 'sent ECONNRESET': 4 } } as const
const FOUND: Found = {
  account: { kinds: { 'a sidecar killed': killed }, misrouted: [], unexplained: [] },
  sent: { baseline: 1000, keyed: 500 },
  lostWithout: 2,
  courses: [course],
  left: [],
  failures: [],
  sandboxes: 7,
  faults: 2,
}
const entry = {
  ledger: 'ledger-0',
  errand: 'pricing unkeyed',
  sent: 1,
  ended: 2,
  verdict: { is: 'lost', what: 'sent ECONNRESET' },
  during: [],
} as const

const cases: readonly (readonly [string, Partial<Found>, boolean])[] = [
  ['with losses that were announced', {}, true],
  ['with a request that was misrouted', { account: { ...FOUND.account, misrouted: [entry] } }, false],
  ['with a request lost for no reason', { account: { ...FOUND.account, unexplained: [entry] } }, false],
  ['that left something', { left: ['12 pod, 11 before'] }, false],
  ['that did not come to rest', { failures: ['an agent killed: too late'] }, false],
  ['with memory that grows', { courses: [{ ...course, last: 101 }] }, false],
]

for (const [name, change, good] of cases) {
  test(`a soak ${name} is ${good ? 'good' : 'not good'}`, (t) => {
    t.equal(isGood({ ...FOUND, ...change }), good)
    t.end()
  })
}

test('a soak is told in lines, and kept in figures with names of their own', (t) => {
  const lines = tell(FOUND).join('\n')
  t.match(lines, /a sidecar killed +2 +3 +1 +4 +\{"sent ECONNRESET":4\}/)
  t.match(lines, /misrouted: 0; lost for no announced reason: 0; lost by the pod without a sidecar: 2/)
  t.match(lines, /agent: 80.0 MB, 90.0 MB 10 minutes later; at most 95.0 MB/)
  const ids = figures(FOUND).map(({ name, subject }) => `${name}, ${subject}`)
  t.equal(new Set(ids).size, ids.length)
  t.end()
})
