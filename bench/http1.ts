// Compares proxies that route HTTP/1.1 by the same rule: CPU of a request at saturation, latency at a constant rate, memory.

import { type Bed, withBed, withPeer } from './bed.ts'
import type { OpenLoopResult } from './load/open-loop.ts'
import { paced } from './load/paced.ts'
import { saturated } from './load/saturated.ts'
import { saturateWithWrk } from './load/wrk.ts'
import type { Peer } from './peer.ts'
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
  /** Microseconds at the constant rate, from the scheduled moment. */
  readonly latency: OpenLoopResult['latency']
  readonly lateness: OpenLoopResult['lateness']
  /** How often saturation and latency were measured until nothing else disturbed them. */
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
}

export const HTTP1_DEFAULTS: Http1Options = { rounds: 5, seconds: 5, keys: 10, rate: 1000, connections: 64 }

/** Compilers and allocators settle; and nginx, HAProxy and Envoy open their upstream connections. */
const WARM_UP_SECONDS = 2
/** Prime, so that connections and mix do not march in step. */
const MIX_LENGTH = 61

export async function compareHttp1(
  peers: readonly Peer[],
  options: Http1Options,
  signal: AbortSignal,
  progress: Progress,
): Promise<readonly Http1Sample[]> {
  const tools = findTools(['nginx', 'wrk', 'open-loop', 'taskset'])
  const samples: Http1Sample[] = []
  for (let round = 0; round < options.rounds; round++) {
    await withBed(tools.nginx, signal, async (bed) => {
      for (const peer of alternate(peers, round)) {
        progress(`round ${round + 1} of ${options.rounds}: ${peer.name}`)
        samples.push(await measure(bed, peer, round, options, tools))
      }
    })
  }
  return samples
}

async function measure(
  bed: Bed,
  peer: Peer,
  round: number,
  options: Http1Options,
  tools: Readonly<Record<'wrk' | 'open-loop', string>>,
): Promise<Http1Sample> {
  const { cores, signal } = bed
  const keys = tableKeys(options.keys)
  const site = await bed.site(keys)
  const direct = peer.name === 'direct'
  const mix = requestMix(keys, MIX_LENGTH)
  // Without a proxy everything reaches the baseline.
  const file = await bed.writeMix(
    `mix-${peer.name}`,
    direct ? mix.map((each) => ({ ...each, variant: 'baseline' as const })) : mix,
  )
  return withPeer(peer, site, async (running) => {
    const idle = memory(running.pids())
    if (!direct) await verifyRouting(peer.name, running.port, ruleCases(keys))
    const load = { core: cores.load, port: running.port, mix: file, connections: options.connections, signal }
    const send = (seconds: number) => saturateWithWrk({ ...load, wrk: tools.wrk }, seconds)
    await send(WARM_UP_SECONDS)
    const full = await saturated(send, running, cores.proxy, options.seconds)
    const steady = await paced(
      { ...load, generator: tools['open-loop'], rate: options.rate, seconds: options.seconds },
      cores,
    )
    return {
      peer: peer.name,
      round,
      ...full,
      latency: steady.latency,
      lateness: steady.lateness,
      attempts: [full.attempts, steady.attempts],
      idleRss: idle.rss,
      peakRss: memory(running.pids()).peak,
      othersRss: memory(running.others()).rss,
      errors: full.errors + steady.errors,
      wrong: steady.wrong,
    }
  })
}
