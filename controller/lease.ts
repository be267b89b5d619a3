// Decides who leads by a Lease, with nobody's clock but one's own: https://kubernetes.io/docs/concepts/architecture/leases/

import type { Term } from '../kubernetes/lease.ts'

/** A Lease as far as it is looked at. */
export interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly leaseTransitions?: number
}

/** A Lease as this candidate sees it. */
export interface ObservedLease {
  readonly spec: LeaseSpec
  /** When this candidate saw it change last, by its own monotonic clock in milliseconds. */
  readonly changedAt: number
}

/**
 * `hold`: write it, as leader. `wait`: somebody else leads, or may: times in the Lease come from the leader's clock, so its duration is
 * counted from when this candidate saw it renewed.
 */
export function decideLease({ spec, changedAt }: ObservedLease, me: string, now: number): 'hold' | 'wait' {
  const { holderIdentity = '', leaseDurationSeconds = 0 } = spec
  if (holderIdentity === '' || holderIdentity === me) return 'hold'
  return now - changedAt > leaseDurationSeconds * 1000 ? 'hold' : 'wait'
}

/** What the holder writes. `time` is the wall clock, for people. */
export function heldLease(spec: LeaseSpec, me: string, durationSeconds: number, time: Date): Term {
  const { holderIdentity = '', acquireTime, leaseTransitions = 0 } = spec
  const renewedAt = time.toISOString()
  const acquiredAt = holderIdentity === me && acquireTime !== undefined ? acquireTime : renewedAt
  // Counts leaders after the first one; an empty holder is one that has gone.
  const transitions = leaseTransitions + (spec.holderIdentity === undefined || holderIdentity === me ? 0 : 1)
  return { holder: me, durationSeconds, acquiredAt, renewedAt, transitions }
}

/** What a holder writes that ends in good order: the next one need not wait. */
export function releasedLease({ acquireTime, leaseTransitions = 0 }: LeaseSpec, time: Date): Term {
  const renewedAt = time.toISOString()
  return {
    holder: '',
    durationSeconds: 1,
    acquiredAt: acquireTime ?? renewedAt,
    renewedAt,
    transitions: leaseTransitions,
  }
}
