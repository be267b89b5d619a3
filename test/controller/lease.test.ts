import t from 'tap'
import { decideLease, heldLease, type LeaseSpec, releasedLease } from '../../controller/lease.ts'

const NOW = 1_000_000
const TIME = new Date('2026-06-15T12:00:00.123Z')
const other: LeaseSpec = { holderIdentity: 'other', leaseDurationSeconds: 15 }

const CASES: readonly [string, LeaseSpec, number, 'hold' | 'wait'][] = [
  ['nobody’s lease', {}, 0, 'hold'],
  ['a released lease', { holderIdentity: '', leaseDurationSeconds: 1 }, 0, 'hold'],
  ['one’s own lease', { ...other, holderIdentity: 'me' }, 0, 'hold'],
  ['one’s own lease of long ago', { ...other, holderIdentity: 'me' }, 60_000, 'hold'],
  ['another one’s lease, just renewed', other, 0, 'wait'],
  ['another one’s lease, at its last moment', other, 15_000, 'wait'],
  ['another one’s lease, not renewed in time', other, 15_001, 'hold'],
  ['a lease whose times are in the past', { ...other, acquireTime: '2001-01-01T00:00:00.000000Z' }, 0, 'wait'],
  ['a lease whose times are in the future', { ...other, acquireTime: '2101-01-01T00:00:00.000000Z' }, 15_001, 'hold'],
  ['another one’s lease without a duration', { holderIdentity: 'other' }, 1, 'hold'],
]

for (const [name, spec, ago, expected] of CASES) {
  t.test(`${name}: ${expected}`, async (t) => {
    t.equal(decideLease({ spec, changedAt: NOW - ago }, 'me', NOW), expected)
  })
}

t.test('the holder says since when and for how long', async (t) => {
  const time = TIME.toISOString()
  const taken = heldLease(other, 'me', 15, TIME)
  t.strictSame(taken, { holder: 'me', durationSeconds: 15, acquiredAt: time, renewedAt: time, transitions: 1 })
  const mine = { holderIdentity: 'me', acquireTime: '2026-06-15T11:00:00.000000Z', leaseTransitions: 1 }
  const renewed = heldLease(mine, 'me', 15, TIME)
  t.match(renewed, { acquiredAt: mine.acquireTime, renewedAt: time, transitions: 1 })
  t.match(heldLease({}, 'me', 15, TIME), { transitions: 0 }, 'the first one')
  t.match(heldLease({ holderIdentity: '', leaseTransitions: 4 }, 'me', 15, TIME), { transitions: 5 }, 'a released one')
  t.match(releasedLease(mine, TIME), { holder: '', durationSeconds: 1, transitions: 1 })
})
