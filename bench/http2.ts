// Compares proxies that route HTTP/2 streams by the same rule: CPU of a stream for GET and gRPC unary, memory, bulk transfer.

import { truncate, writeFile } from 'node:fs/promises'
import { type Bed, withBed, withPeer } from './bed.ts'
import { saturateWithGrpc, startGrpcServers } from './load/grpc.ts'
import { saturateWithH2Load, sendRequests } from './load/h2load.ts'
import { type Saturated, saturated } from './load/saturated.ts'
import type { Peer, RunningPeer } from './peer.ts'
import { freePorts } from './ports.ts'
import { cpuSeconds, memory, resetPeak } from './procfs.ts'
import type { Progress } from './progress.ts'
import { alternate } from './rounds.ts'
import { ruleCases, tableKeys } from './rule.ts'
import { findTools } from './tools.ts'
import { BULK_PATH, bodyOf, startUpstreams } from './upstream.ts'
import { askGrpc, askHttp2, verifyRouting } from './verify.ts'

/** How many connections, and how many streams of each are open at any time. */
export const SHAPES = [
  { connections: 4, streams: 8 },
  { connections: 1, streams: 100 },
] as const

export type Kind = 'GET' | 'gRPC'

/** What one peer did with one load in one round. `errors` must be 0. */
export interface StreamSample extends Saturated {
  readonly peer: string
  readonly round: number
  readonly load: string
  /** Before its first request. */
  readonly idleRss: number
  /** The most since it started: the loads of one kind follow each other in one process. */
  readonly peakRss: number
}

/** One file through a process that has just carried the GETs. */
export interface BulkSample {
  readonly peer: string
  readonly round: number
  readonly bytes: number
  readonly seconds: number
  readonly cpuSeconds: number
  /** The most while it went through. */
  readonly peakRss: number
  readonly errors: number
}

export interface Http2Result {
  readonly streams: readonly StreamSample[]
  readonly bulk: readonly BulkSample[]
}

export interface Http2Options {
  readonly rounds: number
  readonly seconds: number
  /** Routes in every peer's table. */
  readonly keys: number
  readonly bulkBytes: number
}

export const HTTP2_DEFAULTS: Http2Options = { rounds: 5, seconds: 5, keys: 10, bulkBytes: 200e6 }

/** As long as in `http1`: V8 compiles. */
const WARM_UP_SECONDS = 5

type Tools = Readonly<Record<'nginx' | 'h2load' | 'grpc-load', string>>
type Ports = Readonly<Record<'baseline' | 'fork', number>>

export function loadName(kind: Kind, shape: (typeof SHAPES)[number]): string {
  return `${kind} ${shape.connections} × ${shape.streams}`
}

export async function compareHttp2(
  peers: readonly Peer[],
  options: Http2Options,
  signal: AbortSignal,
  progress: Progress,
): Promise<Http2Result> {
  const tools = findTools(['nginx', 'h2load', 'grpc-load', 'taskset'])
  const streams: StreamSample[] = []
  const bulk: BulkSample[] = []
  for (let round = 0; round < options.rounds; round++) {
    await withBed(tools.nginx, signal, (bed) =>
      withUpstreams(bed, tools, options, async (get, grpc) => {
        for (const peer of alternate(peers, round)) {
          const measurement = { bed, peer, round, options, tools }
          progress(`round ${round + 1} of ${options.rounds}: ${peer.name}, GET and bulk`)
          const gets = await measureGet(measurement, get)
          progress(`round ${round + 1} of ${options.rounds}: ${peer.name}, gRPC`)
          streams.push(...gets.streams, ...(await measureGrpc(measurement, grpc)))
          bulk.push(gets.bulk)
        }
      }),
    )
  }
  return { streams, bulk }
}

async function withUpstreams(
  bed: Bed,
  tools: Tools,
  options: Http2Options,
  work: (get: Ports, grpc: Ports) => Promise<void>,
): Promise<void> {
  const [baseline = 0, fork = 0, other = 0, grpcBaseline = 0, grpcFork = 0] = await freePorts(5)
  const file = bed.path('bulk')
  await writeFile(file, '')
  await truncate(file, options.bulkBytes)
  const get = { baseline, fork, 'other-fork': other }
  const grpc = { baseline: grpcBaseline, fork: grpcFork }
  const stopNginx = await startUpstreams(tools.nginx, get, bed.path('.'), bed.cores, bed.signal, { http2: true, file })
  try {
    const stopServers = await startGrpcServers(tools['grpc-load'], grpc, bed.cores, bed.signal)
    try {
      await work(get, grpc)
    } finally {
      await stopServers()
    }
  } finally {
    await stopNginx()
  }
}

interface Measurement {
  readonly bed: Bed
  readonly peer: Peer
  readonly round: number
  readonly options: Http2Options
  readonly tools: Tools
}

/** A fresh process, both shapes one after the other. */
async function measureShapes(
  { peer, round, options, bed }: Measurement,
  kind: Kind,
  running: RunningPeer,
  idleRss: number,
  send: (shape: (typeof SHAPES)[number], seconds: number) => ReturnType<typeof saturateWithGrpc>,
): Promise<readonly StreamSample[]> {
  const samples: StreamSample[] = []
  for (const shape of SHAPES) {
    const sendShape = (seconds: number) => send(shape, seconds)
    await sendShape(WARM_UP_SECONDS)
    const full = await saturated(sendShape, running, bed.cores.proxy, options.seconds)
    const peakRss = memory(running.pids()).peak
    samples.push({ peer: peer.name, round, load: loadName(kind, shape), ...full, idleRss, peakRss })
  }
  return samples
}

async function measureGet(
  measurement: Measurement,
  upstreams: Ports,
): Promise<{ readonly streams: readonly StreamSample[]; readonly bulk: BulkSample }> {
  const { bed, peer, round, options, tools } = measurement
  const keys = tableKeys(options.keys)
  return withPeer(peer, await bed.site(keys, upstreams), async (running) => {
    const idleRss = memory(running.pids()).rss
    await verifyRouting(peer.name, running.port, ruleCases(keys), askHttp2)
    const load = {
      h2load: tools.h2load,
      core: bed.cores.load,
      port: running.port,
      path: '/',
      baggage: `userId=alice,sidetrack=${keys[keys.length >> 1] ?? ''}`,
      answerBytes: bodyOf('fork').length,
      signal: bed.signal,
    }
    const streams = await measureShapes(measurement, 'GET', running, idleRss, (shape, seconds) =>
      saturateWithH2Load({ ...load, ...shape }, seconds),
    )
    resetPeak(running.pids())
    const before = cpuSeconds(running.pids())
    const got = await sendRequests({ ...load, path: BULK_PATH, connections: 1, streams: 1 }, 1, 120)
    const bulk = {
      peer: peer.name,
      round,
      bytes: got.bytes,
      seconds: got.seconds,
      cpuSeconds: cpuSeconds(running.pids()) - before,
      peakRss: memory(running.pids()).peak,
      errors: got.successes === 1 && got.bytes === options.bulkBytes ? 0 : 1,
    }
    return { streams, bulk }
  })
}

async function measureGrpc(measurement: Measurement, upstreams: Ports): Promise<readonly StreamSample[]> {
  const { bed, peer, options, tools } = measurement
  const keys = tableKeys(options.keys)
  return withPeer(peer, await bed.site(keys, upstreams), async (running) => {
    const idleRss = memory(running.pids()).rss
    await verifyRouting(peer.name, running.port, ruleCases(keys), askGrpc)
    const load = {
      program: tools['grpc-load'],
      core: bed.cores.load,
      port: running.port,
      keys: [
        { key: keys[keys.length >> 1] ?? '', variant: 'fork' },
        { key: 'gone', variant: 'baseline' },
      ],
      signal: bed.signal,
    } as const
    return measureShapes(measurement, 'gRPC', running, idleRss, (shape, seconds) =>
      saturateWithGrpc({ ...load, ...shape }, seconds),
    )
  })
}
