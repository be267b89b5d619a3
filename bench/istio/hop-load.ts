// What a call costs: latency at constant rates, and the CPU of the proxies at a rate and at saturation.

import { keepAwake } from '../awake.ts'
import { openLoop, type OpenLoopResult } from '../load/open-loop.ts'
import { saturateWithWrk } from '../load/wrk.ts'
import { stat } from '../procfs.ts'
import { formatMix, requestMix } from '../rule.ts'
import { type Container, cpuOf, memoryOf } from './containers.ts'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, expected, type Hop, pinHop, proxiesOf, SERVICE_PORT } from './hop.ts'

/** Microseconds of CPU for one request. */
export interface Cost {
  readonly client: number
  readonly server: number
  /** Of what carries no request: agents and controllers, or istiod. */
  readonly others: number
}

export interface AtRate {
  readonly rate: number
  readonly latency: OpenLoopResult['latency']
  readonly lateness: OpenLoopResult['lateness']
  readonly cost: Cost
  readonly errors: number
  readonly wrong: number
  readonly attempts: number
}

export interface HopSample {
  readonly subject: string
  readonly round: number
  readonly rates: readonly AtRate[]
  /** At saturation. */
  readonly full: Cost & { readonly requestsPerSecond: number; readonly busy: number; readonly errors: number }
  /** CPU of the proxies without a request, in thousandths of a core. */
  readonly idleMillicores: number
  /** Bytes of the client's proxy, after the loads. */
  readonly proxy: { readonly rss: number; readonly pss: number }
}

export const RATES = [500, 2000]
const CONNECTIONS = 32
const WARM_UP_SECONDS = 2
const IDLE_SECONDS = 2
/** Prime, so that connections and mix do not march in step. */
const MIX_LENGTH = 61
const ATTEMPTS = 3
/** Microseconds at the 99th percentile of the generator's own lateness. */
const DISTURBED = 150

/** `others`: processes beside the proxies. */
export async function measureHop(
  bench: Bench,
  hop: Hop,
  {
    keys,
    round,
    seconds,
    others,
  }: { keys: readonly string[]; round: number; seconds: number; others: readonly number[] },
): Promise<HopSample> {
  pinHop(bench.cluster, hop)
  const mix = `${bench.folder}/${hop.namespace}-mix`
  await writeFile(mix, formatMix(expected(hop.subject, requestMix(keys, MIX_LENGTH))))
  const load = { core: 0, port: SERVICE_PORT, place: hop.place, mix, connections: CONNECTIONS, signal: bench.signal }
  const clock = clockOf(hop, others)
  await saturateWithWrk({ ...load, wrk: bench.tools.wrk }, WARM_UP_SECONDS)
  const before = clock()
  await sleep(IDLE_SECONDS * 1000, undefined, { signal: bench.signal })
  const after = clock()
  const idleMillicores = ((after.client + after.server - before.client - before.server) / IDLE_SECONDS) * 1000
  const rates: AtRate[] = []
  const awake = keepAwake([0, 1])
  try {
    for (const rate of RATES) {
      const send = () => openLoop({ ...load, generator: bench.tools['open-loop'], rate, seconds })
      rates.push({ rate, ...(await leastDisturbed(send, clock)) })
    }
  } finally {
    await awake()
  }
  const start = clock()
  const sent = await saturateWithWrk({ ...load, wrk: bench.tools.wrk }, seconds)
  const spent = between(start, clock())
  const full = {
    ...perRequest(spent, sent.requests),
    requestsPerSecond: sent.requests / sent.seconds,
    busy: (spent.client + spent.server) / sent.seconds,
    errors: sent.failures,
  }
  const proxy = memoryOf(proxiesOf(hop.client).flatMap(({ pids }) => pids))
  return { subject: hop.subject.name, round, rates, full, idleMillicores, proxy }
}

async function leastDisturbed(send: () => Promise<OpenLoopResult>, clock: () => Cost): Promise<Omit<AtRate, 'rate'>> {
  let best: Omit<AtRate, 'rate' | 'attempts' | 'errors' | 'wrong'> | undefined
  let errors = 0
  let wrong = 0
  for (let attempts = 1; ; attempts++) {
    const start = clock()
    const result = await send()
    const cost = perRequest(between(start, clock()), result.sent)
    errors += result.errors
    wrong += result.wrong
    const { latency, lateness } = result
    if (best === undefined || lateness.p99 < best.lateness.p99) best = { latency, lateness, cost }
    if (attempts === ATTEMPTS || best.lateness.p99 <= DISTURBED) return { ...best, errors, wrong, attempts }
  }
}

/** Seconds of CPU so far; 0 for one that has ended. */
function secondsOf(pid: number): number {
  try {
    return stat(pid).cpuSeconds
  } catch {
    return 0
  }
}

/** Seconds of CPU so far. */
function clockOf(hop: Hop, others: readonly number[]): () => Cost {
  const proxies: readonly (readonly Container[])[] = [proxiesOf(hop.client), proxiesOf(hop.server)]
  const [client = [], server = []] = proxies
  return () => ({
    client: cpuOf(client),
    server: cpuOf(server),
    others: others.reduce((sum, pid) => sum + secondsOf(pid), 0),
  })
}

function between(start: Cost, end: Cost): Cost {
  return { client: end.client - start.client, server: end.server - start.server, others: end.others - start.others }
}

function perRequest({ client, server, others }: Cost, requests: number): Cost {
  const micros = (seconds: number): number => (seconds / requests) * 1e6
  return { client: micros(client), server: micros(server), others: micros(others) }
}
