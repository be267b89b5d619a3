// Decides when a new identity is made, which authorities the API server is to trust, and which identity is served: never one that it does not trust yet.

import type { Identity } from './identity.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export interface RotationTiming {
  /** For so long is an identity valid. */
  readonly lifetimeMs: number
  /** After so much of it comes the next one. */
  readonly renewalMs: number
  /** So much may the clocks of nodes differ: identities begin earlier and are given up earlier by it. */
  readonly skewMs: number
  /** So long after an authority stands in the webhook's configuration every API server has surely heard of it. */
  readonly settlingMs: number
}

export const ROTATION_TIMING: RotationTiming = {
  lifetimeMs: 30 * DAY,
  renewalMs: 20 * DAY,
  skewMs: HOUR,
  settlingMs: 60_000,
}

export interface CertificateState {
  /** Those of the Secret, the oldest first. */
  readonly identities: readonly Identity[]
  /** The configuration's bundle as it is now. */
  readonly bundle: string
  /** When each authority was first seen in the bundle without a break since, in the same milliseconds as `now`. */
  readonly trustedSince: ReadonlyMap<string, number>
}

export interface CertificatePlan {
  /** A new identity is to be made and stored beside `kept`. */
  readonly mint: boolean
  readonly kept: readonly Identity[]
  /** What the configuration's bundle is to be; undefined if it is, or if nothing can be trusted yet. */
  readonly bundle: string | undefined
  /** Undefined only before the first one is made. */
  readonly serve: Identity | undefined
  /** In so many milliseconds the clock alone changes the plan. */
  readonly again: number
}

/**
 * Every replica decides for itself from the same Secret and configuration. An authority stays trusted until its identity ends, so that a
 * replica that hears nothing for days, and serves an older identity meanwhile, is still believed.
 */
export function planCertificates(state: CertificateState, timing: RotationTiming, now: number): CertificatePlan {
  const { renewalMs, skewMs, settlingMs } = timing
  const renewalOf = ({ from }: Identity) => from + skewMs + renewalMs
  const usable = state.identities.filter(({ from, to }) => from <= now && now < to - skewMs)
  const newest = usable.at(-1)
  const bundle = usable.map(({ authority }) => authority).join('')
  const ages = usable.map((identity) => now - (state.trustedSince.get(identity.authority) ?? now))
  const settled = usable.findLast((_, index) => (ages[index] ?? 0) >= settlingMs)
  const trusted = usable.find(({ authority }) => state.trustedSince.has(authority))
  return {
    mint: newest === undefined || now >= renewalOf(newest),
    kept: usable,
    bundle: bundle === '' || bundle === state.bundle ? undefined : bundle,
    serve: settled ?? trusted ?? newest,
    again: Math.min(
      ...(newest === undefined ? [0] : [renewalOf(newest) - now]),
      ...usable.map(({ to }) => to - skewMs - now),
      ...ages.filter((age) => age < settlingMs).map((age) => settlingMs - age),
    ),
  }
}
