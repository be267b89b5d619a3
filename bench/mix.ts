// Sends many requests with a mix of keys through the sidecar and counts answers that are not the request's own.

import { withBed } from './bed.ts'
import { type OpenLoopResult, openLoop } from './load/open-loop.ts'
import { check, type CheckedResult, errorCount } from './load/wrk.ts'
import { withSidetrack } from './peers/sidetrack.ts'
import type { Progress } from './progress.ts'
import { type Expectation, requestMix, tableKeys } from './rule.ts'
import { findTools } from './tools.ts'

export interface MixResult {
  /** As fast as it goes, from wrk: variant and header checked for each answer. */
  readonly wrk: CheckedResult
  /** At a constant rate: variant and the request's own id checked for each answer. */
  readonly paced: OpenLoopResult
}

const CONNECTIONS = 64
/** Two forks, so that a mix-up between forks is seen as well. */
const KEYS = 20
const MIX_LENGTH = 61
/** Requests per second: well below saturation, many on the wire at once. */
const RATE = 5000
const LIMIT_SECONDS = 300

export async function checkMix(requests: number, signal: AbortSignal, progress: Progress): Promise<MixResult> {
  const tools = findTools(['nginx', 'wrk', 'open-loop', 'taskset'])
  return withBed(tools.nginx, signal, async (bed) => {
    const { cores } = bed
    const keys = tableKeys(KEYS)
    const routes = keys.map((key) => ({ key, port: bed.upstreams[forkOf(key)] }))
    const mix = await bed.writeMix('mix', requestMix(keys, MIX_LENGTH).map(toItsFork))
    return withSidetrack(await bed.site(keys), routes, async ({ port }) => {
      const load = { core: cores.load, port, mix, connections: CONNECTIONS, signal }
      progress(`${requests} requests from wrk over ${CONNECTIONS} connections`)
      const wrk = await check({ ...load, wrk: tools.wrk }, requests, LIMIT_SECONDS)
      const seconds = Math.min(LIMIT_SECONDS, Math.ceil(requests / RATE))
      progress(`${seconds * RATE} requests at ${RATE} per second`)
      const paced = await openLoop({ ...load, generator: tools['open-loop'], rate: RATE, seconds })
      return { wrk, paced }
    })
  })
}

/** Keys with an odd number have the second fork. */
function forkOf(key: string): 'fork' | 'other-fork' {
  return Number(key.slice(key.lastIndexOf('-') + 1)) % 2 === 0 ? 'fork' : 'other-fork'
}

function toItsFork(each: Expectation): Expectation {
  if (each.variant === 'baseline') return each
  return { baggage: each.baggage, variant: forkOf(each.baggage) }
}

export function formatMixResult({ wrk, paced }: MixResult): string {
  const samples = [wrk.sample, ...paced.samples].filter((each) => each !== '')
  return [
    `wrk, ${CONNECTIONS} connections: total ${wrk.requests}, wrong ${wrk.wrong}, errors ${errorCount(wrk)}`,
    `at ${RATE}/s, ${CONNECTIONS} connections: total ${paced.sent}, wrong ${paced.wrong}, errors ${paced.errors}`,
    ...samples.map((each) => `  ${each}`),
  ].join('\n')
}
