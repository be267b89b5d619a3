// Decides who leads by a Lease, with nobody's clock but one's own: https://kubernetes.io/docs/concepts/architecture/leases/

export interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
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
export function heldLease(spec: LeaseSpec, me: string, durationSeconds: number, time: Date): LeaseSpec {
  const renewTime = microTime(time)
  const isSame = spec.holderIdentity === me
  return {
    holderIdentity: me,
    leaseDurationSeconds: durationSeconds,
    acquireTime: isSame && spec.acquireTime !== undefined ? spec.acquireTime : renewTime,
    renewTime,
    leaseTransitions: (spec.leaseTransitions ?? 0) + (isSame || spec.holderIdentity === undefined ? 0 : 1),
  }
}

/** What a holder writes that ends in good order: the next one need not wait. */
export function releasedLease(spec: LeaseSpec, time: Date): LeaseSpec {
  return { ...spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(time) }
}

/** MicroTime: RFC 3339 with six decimals. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z')
}
