// Latency at a constant rate on cores that are awake, measured again where the generator itself was held up.

import { keepAwake } from '../awake.ts'
import type { Cores } from '../cores.ts'
import { openLoop, type OpenLoopLoad, type OpenLoopResult } from './open-loop.ts'

export interface PacedResult extends OpenLoopResult {
  readonly attempts: number
}

const ATTEMPTS = 4
/** Microseconds at the 99th percentile. On a quiet machine it is 30: above this something else took the generator's core. */
const DISTURBED = 150

/**
 * The least disturbed of at most four attempts. Judged by the generator's own lateness, which no proxy can influence,
 * not by the latencies: a proxy's bad moments stay in. Failures of all attempts count.
 */
export async function paced(load: Omit<OpenLoopLoad, 'core'>, cores: Cores): Promise<PacedResult> {
  const sleep = keepAwake(Object.values(cores))
  try {
    let best: OpenLoopResult | undefined
    let wrong = 0
    let errors = 0
    for (let attempts = 1; ; attempts++) {
      const result = await openLoop({ ...load, core: cores.load })
      wrong += result.wrong
      errors += result.errors
      if (best === undefined || result.lateness.p99 < best.lateness.p99) best = result
      if (attempts === ATTEMPTS || best.lateness.p99 <= DISTURBED) return { ...best, wrong, errors, attempts }
    }
  } finally {
    await sleep()
  }
}
