// Sends a bounded number of mixed requests through the compiled sidecar and counts everything that is not as it must be.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { until } from '../../fixtures/until.ts'
import { Random } from '../random.ts'
import { runHttp1Client } from './http1-client.ts'
import { runHttp2Client } from './http2-client.ts'
import { openSockets, residentMib, startSidecar } from './sidecar-process.ts'
import { Tally } from './tally.ts'

const HTTP1_CLIENTS = 24
const HTTP2_CLIENTS = 4
const SAMPLES = 20

export interface SoakResult {
  readonly tally: Tally
  readonly seconds: number
  readonly sockets: { readonly before: number; readonly after: number }
  /** MiB, over time. */
  readonly resident: readonly number[]
  readonly complaints: string
}

export async function soak(seed: string, requests: number, say: (line: string) => void): Promise<SoakResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sidetrack-soak-'))
  const upstreams = fork(path.join(import.meta.dirname, 'upstream-main.ts'))
  try {
    const [ports] = (await once(upstreams, 'message')) as [Record<string, number>]
    const sidecar = await startSidecar(folder, ports)
    try {
      const before = openSockets(sidecar.pid)
      const tally = new Tally()
      const resident = [residentMib(sidecar.pid)]
      const start = performance.now()
      let begun = 0
      const more = (): boolean => {
        if (begun >= requests) return false
        if (++begun % Math.ceil(requests / SAMPLES) === 0) {
          resident.push(residentMib(sidecar.pid))
          const rate = Math.round(begun / ((performance.now() - start) / 1000))
          say(`${begun} requests, ${rate}/s, ${resident.at(-1)} MiB, ${tally.faulty} faults`)
        }
        return true
      }
      const { plain, multiplexed } = sidecar.ports
      await Promise.all([
        ...Array.from({ length: HTTP1_CLIENTS }, (_, n) =>
          runHttp1Client(plain, new Random(seed, 'h1', n), tally, more),
        ),
        ...Array.from({ length: HTTP2_CLIENTS }, (_, n) =>
          runHttp2Client(multiplexed, new Random(seed, 'h2', n), tally, more),
        ),
      ])
      const seconds = (performance.now() - start) / 1000
      // Those that were refused in mid-request linger for two seconds.
      await until(() => openSockets(sidecar.pid) <= before, 15_000).catch(() => {})
      const sockets = { before, after: openSockets(sidecar.pid) }
      resident.push(residentMib(sidecar.pid))
      return { tally, seconds, sockets, resident, complaints: sidecar.complaints() }
    } finally {
      await sidecar.stop()
    }
  } finally {
    upstreams.disconnect()
    rmSync(folder, { recursive: true })
  }
}

export function isClean({ tally, sockets, complaints }: SoakResult): boolean {
  return tally.faulty === 0 && sockets.after <= sockets.before && complaints === ''
}

export function formatSoak({ tally, seconds, sockets, resident, complaints }: SoakResult): string {
  const { requests, answered, refused, aborted, died, bytes, faults, errors, samples } = tally
  return [
    `${requests} requests in ${seconds.toFixed(0)} s (${Math.round(requests / seconds)}/s), ${(bytes / 2 ** 30).toFixed(1)} GiB of bodies`,
    `answered whole ${answered}, refused as they must be ${refused}, aborted by the client ${aborted}, ended by a death ${died}`,
    ...[...faults].map(([fault, count]) => `${fault}: ${count}`),
    `sockets of the sidecar: ${sockets.before} before, ${sockets.after} after`,
    `RSS over time, MiB: ${resident.join(' ')}`,
    `errors of clients: ${JSON.stringify(errors)}`,
    ...samples,
    ...(complaints === '' ? [] : [`the sidecar said: ${complaints.slice(0, 2000)}`]),
  ].join('\n')
}
