// h2load: as many GETs as a proxy can take over HTTP/2 without TLS, for the cost of a stream at saturation.

import { runPinned } from '../process.ts'
import type { Sent } from './saturated.ts'

export interface H2LoadResult {
  readonly seconds: number
  readonly requests: number
  /** Answered with a status of 2xx. */
  readonly successes: number
  /** Bytes of DATA that arrived. */
  readonly bytes: number
}

export interface H2Load {
  readonly h2load: string
  readonly core: number
  readonly port: number
  readonly path: string
  /** The header of every request: h2load has no mix. */
  readonly baggage: string
  /** Length of the right answer. */
  readonly answerBytes: number
  readonly connections: number
  /** Streams of each connection that are open at any time. */
  readonly streams: number
  readonly signal: AbortSignal
}

export async function sendRequests(load: H2Load, requests: number, limitSeconds: number): Promise<H2LoadResult> {
  const { connections, streams, port, path, baggage, core, h2load, signal } = load
  const shape = ['-t1', `-c${connections}`, `-m${streams}`, `-n${requests}`]
  const args = [...shape, '-H', `baggage: ${baggage}`, `http://127.0.0.1:${port}${path}`]
  return parseH2Load(await runPinned(core, h2load, args, { seconds: limitSeconds, signal }))
}

/** Requests to find the rate with. */
const PROBE = 2000

/** A load of about the asked length, in whole requests: only then do the bytes that arrived say whether all were right. */
export async function saturateWithH2Load(load: H2Load, seconds: number): Promise<Sent> {
  const probe = await sendRequests(load, PROBE, 30)
  const wanted = Math.max(PROBE, Math.round((probe.requests / probe.seconds) * seconds))
  const result = await sendRequests(load, wanted, seconds * 5 + 15)
  return {
    requests: probe.requests + result.requests,
    seconds: probe.seconds + result.seconds,
    failures: failureCount(probe, load.answerBytes) + failureCount(result, load.answerBytes),
  }
}

/** Requests without the right answer; of answers with a wrong length the number is not known, and 1 stands for them. */
export function failureCount(result: H2LoadResult, answerBytes: number): number {
  const { requests, successes, bytes } = result
  return requests - successes + (bytes === successes * answerBytes ? 0 : 1)
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1 }

/** Throws with h2load's own words if they hold no result. */
export function parseH2Load(output: string): H2LoadResult {
  const [, time = '', unit = ''] = /^finished in ([\d.]+)(us|ms|s),/m.exec(output) ?? []
  const requests = /^requests: (\d+) total/m.exec(output)?.[1]
  const successes = /^status codes: (\d+) 2xx/m.exec(output)?.[1]
  const bytes = /^traffic: .* \((\d+)\) data$/m.exec(output)?.[1]
  const scale = UNIT_SECONDS[unit]
  if (scale === undefined || requests === undefined || successes === undefined || bytes === undefined) {
    throw new Error(`h2load gave no result: ${output.trim()}`)
  }
  const counts = { requests: Number(requests), successes: Number(successes), bytes: Number(bytes) }
  return { seconds: Number(time) * scale, ...counts }
}
