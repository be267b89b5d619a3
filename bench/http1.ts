// Compares proxies that route HTTP/1.1 by the same rule: CPU of a request at saturation, latency at a constant rate, memory.

import { type Bed, withBed, withPeer } from './bed.ts'
import type { Percentiles } from './load/open-loop.ts'
import { paced } from './load/paced.ts'
import { type Saturate, type Saturated, saturated } from './load/saturated.ts'
import { saturateWithWrk, type WrkLoad } from './load/wrk.ts'
import { median } from './median.ts'
import type { Peer, RunningPeer } from './peer.ts'
import { memory } from './procfs.ts'
import type { Progress } from './progress.ts'
import { alternate } from './rounds.ts'
import { requestMix, ruleCases, tableKeys } from './rule.ts'
import { findTools } from './tools.ts'
import { verifyRouting } from './verify.ts'

/** What one peer did in one round. */
export interface Http1Sample {
  readonly peer: string
  readonly round: number
  /** User and system time of all its processes for one request; NaN for `direct`. */
  readonly cpuMicros: number
  readonly requestsPerSecond: number
  /** The share of its core that it used: below about 0.95 it was not saturated and its cost is overstated. */
  readonly busy: number
  /** The share that other processes or the hypervisor took: above 0.05 the cost is doubtful. */
  readonly foreign: number
  /** CPU of the processes beside it that carry no request (this project's agent and CLI), for one request. */
  readonly othersCpuMicros: number
  /** Microseconds at the constant rate, from the scheduled moment: over all connections in rotation. */
  readonly latency: Percentiles
  /** The same over a few connections. */
  readonly latencyOfFew: Percentiles
  /** How late the generator itself was, of the former. */
  readonly lateness: Percentiles
  /** How often a turn of saturation and one of latency were measured, at most, until nothing else disturbed them. */
  readonly attempts: readonly [number, number]
  /** Before its first request. */
  readonly idleRss: number
  readonly peakRss: number
  readonly othersRss: number
  /** Of both loads: must be 0. */
  readonly errors: number
  readonly wrong: number
}

export interface Http1Options {
  readonly rounds: number
  readonly seconds: number
  /** Routes in every peer's table. */
  readonly keys: number
  readonly rate: number
  readonly connections: number
  /** What a client that uses the connection it used last opens for such a rate. */
  readonly fewConnections: number
}

export const HTTP1_DEFAULTS: Http1Options = {
  rounds: 5,
  seconds: 5,
  keys: 10,
  rate: 1000,
  connections: 64,
  fewConnections: 4,
}

/**
 * Allocators settle, nginx, HAProxy and Envoy open their upstream connections, and V8 compiles what is hot: 97 functions of the sidecar, for 0.9 s of
 * CPU, which is none of what a request costs.
 */
const WARM_UP_SECONDS = 5
/** One saturation; shorter ones would count more of how connections begin. */
const TURN_SECONDS = 2
/** Of latency, for each peer and number of connections: whoever is beside this machine leaves its caches cold for some of them. */
const PACED_TURNS = 4
const PACED_SECONDS = 2
/** Prime, so that connections and mix do not march in step. */
const MIX_LENGTH = 61

/** One peer of a round, which runs beside the others and has nothing to do unless it is its turn. */
interface Entrant {
  readonly name: string
  readonly running: RunningPeer
  readonly load: Omit<WrkLoad, 'wrk'>
  readonly send: Saturate
  readonly idleRss: number
}

type Programs = Readonly<Record<'nginx' | 'wrk' | 'open-loop', string>>

export async function compareHttp1(
  peers: readonly Peer[],
  options: Http1Options,
  signal: AbortSignal,
  progress: Progress,
): Promise<readonly Http1Sample[]> {
  const tools = findTools(['nginx', 'wrk', 'open-loop', 'taskset'])
  const samples: Http1Sample[] = []
  for (let round = 0; round < options.rounds; round++) {
    progress(`round ${round + 1} of ${options.rounds}`)
    await withBed(tools.nginx, signal, async (bed) => {
      const measureAll = (entrants: readonly Entrant[]) => measure(bed, entrants, round, options, tools)
      samples.push(...(await withEntrants(bed, alternate(peers, round), options, tools, measureAll)))
    })
  }
  return samples
}

/** Runs `work` with all `peers` started, checked and warmed up; `ready` are those that are so already. */
async function withEntrants<T>(
  bed: Bed,
  [peer, ...others]: readonly Peer[],
  options: Http1Options,
  tools: Programs,
  work: (entrants: readonly Entrant[]) => Promise<T>,
  ready: readonly Entrant[] = [],
): Promise<T> {
  if (peer === undefined) return work(ready)
  const { cores, signal } = bed
  const keys = tableKeys(options.keys)
  const direct = peer.name === 'direct'
  const mix = requestMix(keys, MIX_LENGTH)
  // Without a proxy everything reaches the baseline.
  const file = await bed.writeMix(
    `mix-${peer.name}`,
    direct ? mix.map((each) => ({ ...each, variant: 'baseline' as const })) : mix,
  )
  return withPeer(peer, await bed.site(keys), async (running) => {
    const idleRss = memory(running.pids()).rss
    if (!direct) await verifyRouting(peer.name, running.port, ruleCases(keys))
    const load = { core: cores.load, port: running.port, mix: file, connections: options.connections, signal }
    const send: Saturate = (seconds) => saturateWithWrk({ ...load, wrk: tools.wrk }, seconds)
    await send(WARM_UP_SECONDS)
    return withEntrants(bed, others, options, tools, work, [
      ...ready,
      { name: peer.name, running, load, send, idleRss },
    ])
  })
}

/**
 * Saturates them in turn, two seconds each, then sends to each at the constant rate, in turn as well: so what else the machine does meets all of
 * them alike.
 */
async function measure(
  bed: Bed,
  entrants: readonly Entrant[],
  round: number,
  { rate, seconds, connections, fewConnections }: Http1Options,
  tools: Programs,
): Promise<readonly Http1Sample[]> {
  const { cores } = bed
  const full = await inTurns(entrants, Math.ceil(seconds / TURN_SECONDS), ({ send, running }) =>
    saturated(send, running, cores.proxy, TURN_SECONDS),
  )
  const steady = (open: number) =>
    inTurns(entrants, PACED_TURNS, ({ load }) =>
      paced({ ...load, connections: open, generator: tools['open-loop'], rate, seconds: PACED_SECONDS }, cores),
    )
  const [many, few] = [await steady(connections), await steady(fewConnections)]
  return entrants.map((each) => {
    const { name, running, idleRss } = each
    const cost = typical(full.get(each) ?? [])
    const [rotating, reused] = [many.get(each) ?? [], few.get(each) ?? []]
    const both = [...rotating, ...reused]
    return {
      peer: name,
      round,
      ...cost,
      latency: typicalLatency(rotating.map(({ latency }) => latency)),
      latencyOfFew: typicalLatency(reused.map(({ latency }) => latency)),
      lateness: typicalLatency(rotating.map(({ lateness }) => lateness)),
      attempts: [cost.attempts, Math.max(...both.map(({ attempts }) => attempts))],
      idleRss,
      peakRss: memory(running.pids()).peak,
      othersRss: memory(running.others()).rss,
      errors: cost.errors + sum(both, ({ errors }) => errors),
      wrong: sum(both, ({ wrong }) => wrong),
    }
  })
}

/** What each gave in its turns, of which another one has the first each time. */
async function inTurns<T>(
  entrants: readonly Entrant[],
  turns: number,
  take: (entrant: Entrant) => Promise<T>,
): Promise<ReadonlyMap<Entrant, readonly T[]>> {
  const taken = new Map<Entrant, T[]>(entrants.map((each) => [each, []]))
  for (let turn = 0; turn < turns; turn++) {
    for (const each of alternate(entrants, turn)) taken.get(each)?.push(await take(each))
  }
  return taken
}

/** The median of each figure; all errors, and the most attempts. */
function typical(turns: readonly Saturated[]): Saturated {
  const of = (figure: keyof Saturated): number => median(turns.map((each) => each[figure]))
  return {
    cpuMicros: of('cpuMicros'),
    othersCpuMicros: of('othersCpuMicros'),
    requestsPerSecond: of('requestsPerSecond'),
    busy: of('busy'),
    foreign: of('foreign'),
    errors: sum(turns, ({ errors }) => errors),
    attempts: Math.max(...turns.map((each) => each.attempts)),
  }
}

function typicalLatency(turns: readonly Percentiles[]): Percentiles {
  const of = (which: keyof Percentiles): number => median(turns.map((each) => each[which]))
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), p999: of('p999'), max: of('max') }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, each) => total + value(each), 0)
}
