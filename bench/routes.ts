// Does a request cost more when the table is large? CPU and memory with few and with many routes, and the cost of one change.

import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withBed, withPeer } from './bed.ts'
import { type DeltaResult, measureDelta } from './delta.ts'
import { type Saturated, saturated } from './load/saturated.ts'
import { saturateWithWrk } from './load/wrk.ts'
import { sidetrack } from './peers/sidetrack.ts'
import { memory } from './procfs.ts'
import { runPinned } from './process.ts'
import type { Progress } from './progress.ts'
import { alternate } from './rounds.ts'
import { requestMix, ruleCases, tableKeys } from './rule.ts'
import { findTools } from './tools.ts'
import { verifyRouting } from './verify.ts'

export const FEW = 10
export const MANY = 100_000

export interface RoutesSample extends Saturated {
  readonly round: number
  readonly routes: number
  readonly idleRss: number
  readonly loadedRss: number
}

export interface RoutesResult {
  readonly samples: readonly RoutesSample[]
  readonly deltas: readonly DeltaResult[]
  /** What V8 holds for a route and its key after a collection. */
  readonly heapBytesPerRoute: number
}

export interface RoutesOptions {
  readonly rounds: number
  readonly seconds: number
}

export const ROUTES_DEFAULTS: RoutesOptions = { rounds: 5, seconds: 5 }

const WARM_UP_SECONDS = 3
/** Prime, and large: a mix of few keys would keep their entries of a large table in the cache. */
const MIX_LENGTH = 4093

export async function measureRoutes(
  options: RoutesOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<RoutesResult> {
  const tools = findTools(['nginx', 'wrk', 'open-loop', 'taskset'])
  const samples: RoutesSample[] = []
  return withBed(tools.nginx, signal, async (bed) => {
    for (let round = 0; round < options.rounds; round++) {
      for (const routes of alternate([FEW, MANY], round)) {
        progress(`round ${round + 1} of ${options.rounds}: ${routes} routes`)
        const keys = tableKeys(routes)
        const mix = await bed.writeMix(`routes-${routes}`, requestMix(keys, MIX_LENGTH))
        const sample = await withPeer(sidetrack, await bed.site(keys), async (running) => {
          const { port, pids } = running
          await verifyRouting('sidetrack', port, ruleCases(keys))
          const idleRss = memory(pids()).rss
          const load = { wrk: tools.wrk, core: bed.cores.load, port, mix, connections: 64, signal }
          const send = (seconds: number) => saturateWithWrk(load, seconds)
          await send(WARM_UP_SECONDS)
          const full = await saturated(send, running, bed.cores.proxy, options.seconds)
          return { ...full, idleRss, loadedRss: memory(pids()).rss }
        })
        samples.push({ round, routes, ...sample })
      }
    }
    const deltas: DeltaResult[] = []
    for (const routes of [FEW, MANY]) {
      progress(`changes of one route beside ${routes} others`)
      deltas.push(await measureDelta(bed, routes, tools))
    }
    return { samples, deltas, heapBytesPerRoute: await heapBytesPerRoute(bed.cores.proxy, signal) }
  })
}

async function heapBytesPerRoute(core: number, signal: AbortSignal): Promise<number> {
  const program = fileURLToPath(new URL(`./table-size${extname(import.meta.url)}`, import.meta.url))
  const args = ['--expose-gc', program, String(MANY)]
  const output = await runPinned(core, process.execPath, args, { seconds: 60, signal })
  const result: { bytesPerRoute: number } = JSON.parse(output)
  return result.bytesPerRoute
}
