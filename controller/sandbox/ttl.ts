// How long a sandbox lives.

import { formatDuration, parseDuration } from '../../core/duration.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { type Problem, invalid } from './finding.ts'

export interface TtlLimits {
  /** Of sandboxes that say nothing; they live for ever if not given. */
  readonly defaultMs?: number | undefined
  readonly maximumMs?: number | undefined
}

export interface Lifetime {
  /** Milliseconds since 1970; undefined if it does not expire. */
  readonly expiresAt: number | undefined
  readonly problems: readonly Problem[]
}

/** `updatedAt`: when its spec last changed, milliseconds since 1970. One that asks for too much lives as long as it may. */
export function lifetime(
  { metadata, spec }: Sandbox,
  updatedAt: number,
  { defaultMs, maximumMs }: TtlLimits,
): Lifetime {
  const { ttl } = spec
  const asked = ttl === undefined ? defaultMs : parseDuration(ttl.duration)
  const fromCreation = ttl === undefined || ttl.from === 'created'
  const from = fromCreation ? Date.parse(metadata.creationTimestamp ?? '') : updatedAt
  const at = (ms: number | undefined) => (ms === undefined ? undefined : from + ms)
  if (ttl !== undefined && asked === undefined) {
    const message = `spec.ttl.duration: ${JSON.stringify(ttl.duration)} is no duration like 8h or 2h30m`
    return { expiresAt: at(maximumMs ?? defaultMs), problems: [invalid(message)] }
  }
  if (ttl !== undefined && asked !== undefined && maximumMs !== undefined && asked > maximumMs) {
    const message = `spec.ttl.duration: ${ttl.duration} is above the cluster's maximum, ${formatDuration(maximumMs)}`
    return { expiresAt: at(maximumMs), problems: [invalid(message)] }
  }
  return { expiresAt: at(asked ?? maximumMs), problems: [] }
}
