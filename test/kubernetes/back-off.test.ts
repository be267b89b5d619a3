import fc from 'fast-check'
import t from 'tap'
import { backOff } from '../../kubernetes/back-off.ts'
import { REFLECTOR_TIMING } from '../../kubernetes/reflector.ts'

const TIMING = { firstDelayMs: 500, longestDelayMs: 30_000 }

const CASES: readonly [failures: number, shortest: number, longest: number][] = [
  [1, 250, 500],
  [2, 500, 1000],
  [3, 1000, 2000],
  [7, 15_000, 30_000],
  [8, 15_000, 30_000],
  [1_000_000, 15_000, 30_000],
]

for (const [failures, shortest, longest] of CASES) {
  t.test(`after failure ${failures}: ${shortest} to ${longest} ms`, async (t) => {
    t.equal(backOff(failures, TIMING, 0), shortest)
    t.equal(backOff(failures, TIMING, 1), longest)
  })
}

t.test('it is never longer than the longest delay, never nothing, and spread over half of it', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const delay = backOff(failures, REFLECTOR_TIMING, random)
      return delay >= REFLECTOR_TIMING.firstDelayMs / 2 && delay <= REFLECTOR_TIMING.longestDelayMs
    }),
  )
  const delays = new Set(Array.from({ length: 100 }, () => Math.round(backOff(10, REFLECTOR_TIMING) / 1500)))
  t.ok(delays.size >= 5, `${delays.size} different ones, so that clients do not come back in step`)
})
