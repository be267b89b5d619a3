// The cost of a request at saturation, measured again where something else took the proxy's core.

import type { RunningPeer } from '../peer.ts'
import { coreSeconds, cpuSeconds } from '../procfs.ts'

/** Sends as much as the proxy takes for about `seconds`. */
export type Saturate = (seconds: number) => Promise<Sent>

export interface Sent {
  readonly requests: number
  readonly seconds: number
  /** Requests without their right answer. */
  readonly failures: number
}

export interface Saturated {
  /** NaN where there is no proxy. */
  readonly cpuMicros: number
  readonly othersCpuMicros: number
  readonly requestsPerSecond: number
  /** Shares of the proxy's core: its own, and what other processes or the hypervisor took. */
  readonly busy: number
  readonly foreign: number
  readonly errors: number
  readonly attempts: number
}

const ATTEMPTS = 3
/** A proxy that is held up finds more work at once when it comes back, and its caches cold. */
const DISTURBED = 0.05

/** The least disturbed of at most three attempts, whatever it says. Failures of all attempts count. */
export async function saturated(
  send: Saturate,
  running: RunningPeer,
  proxyCore: number,
  seconds: number,
): Promise<Saturated> {
  let best: Omit<Saturated, 'attempts' | 'errors'> | undefined
  let errors = 0
  for (let attempts = 1; ; attempts++) {
    const { errors: failed, ...result } = await attempt(send, running, proxyCore, seconds)
    errors += failed
    if (best === undefined || result.foreign < best.foreign) best = result
    const alone = running.pids().length === 0
    if (alone || attempts === ATTEMPTS || best.foreign <= DISTURBED) return { ...best, errors, attempts }
  }
}

async function attempt(
  send: Saturate,
  running: RunningPeer,
  proxyCore: number,
  seconds: number,
): Promise<Omit<Saturated, 'attempts'>> {
  const clock = () => ({
    own: cpuSeconds(running.pids()),
    others: cpuSeconds(running.others()),
    core: coreSeconds(proxyCore),
  })
  const before = clock()
  const result = await send(seconds)
  const after = clock()
  const proxied = running.pids().length > 0
  const own = after.own - before.own
  return {
    cpuMicros: proxied ? (own / result.requests) * 1e6 : Number.NaN,
    othersCpuMicros: ((after.others - before.others) / result.requests) * 1e6,
    requestsPerSecond: result.requests / result.seconds,
    busy: proxied ? own / result.seconds : Number.NaN,
    foreign: proxied ? Math.max(0, (after.core - before.core - own) / result.seconds) : Number.NaN,
    errors: result.failures,
  }
}
