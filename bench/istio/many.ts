// What one more sandbox costs a request: the CPU of the client's proxy and its memory, with few and with many sandboxes of one Service.

import { setTimeout as sleep } from 'node:timers/promises'
import { writeFile } from 'node:fs/promises'
import { saturateWithWrk } from '../load/wrk.ts'
import type { Progress } from '../progress.ts'
import { formatMix, requestMix, tableKeys } from '../rule.ts'
import { cpuOf, memoryOf } from './containers.ts'
import { addRoutes, type Bench, type Hop, pinHop, proxiesOf, SERVICE_PORT, startHop } from './hop.ts'
import { allToFork, istioRules, ISTIO, SIDETRACK, type Subject } from './subject.ts'

export interface ManySample {
  readonly subject: string
  readonly sandboxes: number
  /** Of the client's proxy for one request at saturation; and the requests per second that it came to. */
  readonly cpuMicros: number
  readonly requestsPerSecond: number
  readonly rss: number
  /** Until all were in force, from the first write on. */
  readonly seconds: number
  readonly errors: number
}

export interface ManyResult {
  readonly samples: readonly ManySample[]
  /** Where a subject's number of sandboxes ended, in the words of who refused more. */
  readonly refused: readonly { readonly subject: string; readonly sandboxes: number; readonly why: string }[]
}

const COMPARED: readonly Subject[] = [SIDETRACK, ISTIO]
const CONNECTIONS = 32
const WARM_UP_SECONDS = 1
/** Prime. */
const MIX_LENGTH = 4093
const SETTLE_MS = 1000
/** What is tried where the next step is refused, to see how far it goes. */
const BETWEEN = 5000

export async function measureMany(
  bench: Bench,
  counts: readonly number[],
  seconds: number,
  progress: Progress,
): Promise<ManyResult> {
  const hops: Hop[] = []
  const samples: ManySample[] = []
  const refused: ManyResult['refused'][number][] = []
  try {
    for (const subject of COMPARED) {
      hops.push(await startHop(bench, subject, `many-${subject.mesh}`, tableKeys(1)))
    }
    for (const hop of hops) {
      let last = 1
      for (const count of counts) {
        progress(`${hop.subject.name}: ${count} sandboxes`)
        const start = performance.now()
        const why = await grow(bench, hop, last, count).then(
          () => undefined,
          (error: unknown) => String(error),
        )
        if (why === undefined) {
          samples.push(await measure(bench, hop, count, (performance.now() - start) / 1000, seconds))
          last = count
          continue
        }
        bench.signal.throwIfAborted()
        refused.push({ subject: hop.subject.name, sandboxes: count, why: why.slice(-300) })
        if (last < BETWEEN && count > BETWEEN) {
          await grow(bench, hop, last, BETWEEN)
          samples.push(await measure(bench, hop, BETWEEN, Number.NaN, seconds))
        }
        break
      }
    }
    return { samples, refused }
  } finally {
    for (const hop of hops) await hop.stop()
  }
}

/** Throws what the API server says where it takes no more. */
async function grow(bench: Bench, hop: Hop, from: number, to: number): Promise<void> {
  const keys = tableKeys(to)
  if (hop.subject.mesh === 'sidetrack') await addRoutes(bench, hop.namespace, hop.fork, keys.slice(from))
  else {
    hop.istioForks = allToFork(keys)
    await bench.cluster.apply(istioRules(hop.namespace, hop.istioForks))
  }
  await hop.untilRight(keys)
}

async function measure(
  bench: Bench,
  hop: Hop,
  sandboxes: number,
  growth: number,
  seconds: number,
): Promise<ManySample> {
  pinHop(bench.cluster, hop)
  await sleep(SETTLE_MS, undefined, { signal: bench.signal })
  const mix = `${bench.folder}/${hop.namespace}-mix`
  await writeFile(mix, formatMix(requestMix(tableKeys(sandboxes), MIX_LENGTH)))
  const proxies = proxiesOf(hop.client)
  const load = { core: 0, port: SERVICE_PORT, place: hop.place, mix, connections: CONNECTIONS, signal: bench.signal }
  await saturateWithWrk({ ...load, wrk: bench.tools.wrk }, WARM_UP_SECONDS)
  const before = cpuOf(proxies)
  const sent = await saturateWithWrk({ ...load, wrk: bench.tools.wrk }, seconds)
  return {
    subject: hop.subject.name,
    sandboxes,
    cpuMicros: ((cpuOf(proxies) - before) / sent.requests) * 1e6,
    requestsPerSecond: sent.requests / sent.seconds,
    rss: memoryOf(proxies.flatMap(({ pids }) => pids)).rss,
    seconds: growth,
    errors: sent.failures,
  }
}
