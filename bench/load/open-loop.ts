// The open-loop generator of `open-loop/`: a constant rate whatever the proxy does, latency from the scheduled moment on.

import { readFile } from 'node:fs/promises'
import { runPinned } from '../process.ts'
import { inPlace, type Place } from './place.ts'

/** Microseconds, exact values. */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface OpenLoopResult {
  readonly sent: number
  readonly ok: number
  /** Answered by another variant, with another status, or with another request's id. */
  readonly wrong: number
  /** Sent and never answered. */
  readonly errors: number
  readonly queued: number
  readonly seconds: number
  readonly latency: Percentiles
  /** How late the generator itself was, of requests that found a free connection; if large, the latencies are its own. */
  readonly lateness: Percentiles
  readonly samples: readonly string[]
}

export interface OpenLoopLoad {
  readonly generator: string
  readonly core: number
  readonly port: number
  /** This machine if not given. */
  readonly place?: Place
  /** A file that `formatMix` wrote; the variant `*` accepts any. */
  readonly mix: string
  readonly rate: number
  readonly seconds: number
  readonly connections: number
  /** Where to write one line a request. */
  readonly log?: string
  readonly signal: AbortSignal
}

export async function openLoop(load: OpenLoopLoad): Promise<OpenLoopResult> {
  const where = [
    '-target',
    `${load.place?.host ?? '127.0.0.1'}:${load.port}`,
    '-requests',
    load.mix,
    '-connections',
    String(load.connections),
  ]
  const pace = ['-rate', String(load.rate), '-seconds', String(load.seconds)]
  const args = [...where, ...pace, ...(load.log === undefined ? [] : ['-log', load.log])]
  const [command, ...rest] = inPlace(load.place, load.generator, args)
  const output = await runPinned(load.core, command, rest, { seconds: load.seconds + 15, signal: load.signal })
  return parseOpenLoop(output)
}

export function parseOpenLoop(output: string): OpenLoopResult {
  const line = output.split('\n').find((each) => each.startsWith('{'))
  if (line === undefined) throw new Error(`the open-loop generator gave no result: ${output.trim()}`)
  // Go writes a list without entries as null.
  const result: Omit<OpenLoopResult, 'samples'> & { samples: readonly string[] | null } = JSON.parse(line)
  return { ...result, samples: result.samples ?? [] }
}

/** One request. Times are milliseconds of CLOCK_MONOTONIC, as `process.hrtime` has it; received is NaN if it was lost. */
export interface Sent {
  readonly intended: number
  readonly sent: number
  readonly received: number
  readonly variant: string
  /** Which entry of the mix. */
  readonly kind: number
}

export async function readLog(file: string): Promise<readonly Sent[]> {
  return parseLog(await readFile(file, 'utf8'))
}

export function parseLog(text: string): readonly Sent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLogLine)
}

function parseLogLine(line: string): Sent {
  const [intended = '', sent = '', received = '', variant = '', kind = ''] = line.split(' ')
  const times = { intended: millis(intended), sent: millis(sent), received: millis(received) }
  return { ...times, variant, kind: Number(kind) }
}

function millis(nanoseconds: string): number {
  return nanoseconds === '0' ? Number.NaN : Number(nanoseconds) / 1e6
}
