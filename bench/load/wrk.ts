// wrk: as many requests as a proxy can take over kept connections (closed loop), for the cost of a request at saturation.

import { stat } from '../procfs.ts'
import { runPinned } from '../process.ts'
import { inPlace, type Place } from './place.ts'
import type { Sent } from './saturated.ts'
import { fromRoot } from '../root.ts'

export interface WrkResult {
  readonly requests: number
  readonly seconds: number
  /** Failed connects, reads and writes, answers of 400 and above, time-outs. */
  readonly errors: Readonly<Record<'connect' | 'read' | 'write' | 'status' | 'timeout', number>>
  /** Microseconds, under saturation: queueing, not the proxy's own delay. */
  readonly p50: number
  readonly p99: number
}

export interface CheckedResult extends WrkResult {
  /** Answers by another variant than the request's, or whose upstream saw another header than was sent. */
  readonly wrong: number
  readonly sample: string
}

export interface WrkLoad {
  readonly wrk: string
  readonly core: number
  readonly port: number
  /** This machine if not given. */
  readonly place?: Place
  /** A file that `formatMix` wrote. */
  readonly mix: string
  readonly connections: number
  readonly signal: AbortSignal
}

/** Sends for `seconds`. */
export async function saturate(load: WrkLoad, seconds: number): Promise<WrkResult> {
  const script = fromRoot('bench', 'load', 'saturate.lua')
  const { wrk, core, connections, port, mix, signal, place } = load
  const url = `http://${place?.host ?? '127.0.0.1'}:${port}`
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url, '--', mix]
  const [command, ...rest] = inPlace(place, wrk, args)
  return parseWrk(await runPinned(core, command, rest, { seconds: seconds + 15, signal }))
}

/** The same for a measurement that takes any load. */
export async function saturateWithWrk(load: WrkLoad, seconds: number): Promise<Sent> {
  const result = await saturate(load, seconds)
  return { requests: result.requests, seconds: result.seconds, failures: errorCount(result) }
}

/** Sends `requests` (rounded up to a multiple of the connections), each answer checked. Throws after `seconds`. */
export async function check(load: WrkLoad, requests: number, seconds: number): Promise<CheckedResult> {
  const script = fromRoot('bench', 'load', 'check.lua')
  const { wrk, core, connections, port, mix, signal } = load
  const each = Math.ceil(requests / connections)
  const shape = [`-t${connections}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '10s']
  const args = [...shape, '-s', script, `http://127.0.0.1:${port}`, '--', mix, String(each)]
  // wrk has no count of requests: its threads stop themselves, and its main thread must be told that all have.
  let busy = false
  const interruptWhenDone = (pid: number): void => {
    try {
      const { threads } = stat(pid)
      busy ||= threads > connections / 2
      if (busy && threads === 1) process.kill(pid, 'SIGINT')
    } catch {
      // It ended between two looks.
    }
  }
  const output = await runPinned(core, wrk, args, { seconds: seconds + 15, signal }, interruptWhenDone)
  return parseChecked(output)
}

/** What the scripts of this folder print. */
type ResultLine = Readonly<
  Record<'requests' | 'seconds' | 'connect' | 'read' | 'write' | 'status' | 'timeout' | 'p50' | 'p99', number>
>

/** Reads the `RESULT` line of saturate.lua; throws with wrk's own words if there is none. */
export function parseWrk(output: string): WrkResult {
  return fromLine(JSON.parse(resultLine(output)))
}

/** Reads the `RESULT` line of check.lua. */
export function parseChecked(output: string): CheckedResult {
  const line: ResultLine & { readonly wrong: number; readonly sample: string } = JSON.parse(resultLine(output))
  return { ...fromLine(line), wrong: line.wrong, sample: line.sample }
}

function fromLine({ requests, seconds, p50, p99, connect, read, write, status, timeout }: ResultLine): WrkResult {
  return { requests, seconds, p50, p99, errors: { connect, read, write, status, timeout } }
}

function resultLine(output: string): string {
  const found = /^RESULT (\{.*\})$/m.exec(output)?.[1]
  if (found === undefined) throw new Error(`wrk gave no result: ${output.trim()}`)
  return found
}

export function errorCount(result: WrkResult): number {
  return Object.values(result.errors).reduce((sum, each) => sum + each, 0)
}
