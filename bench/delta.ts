// What a change of one route costs a sidecar that holds a table of a given size: its CPU, and the time of its event loop.

import { setTimeout as sleep } from 'node:timers/promises'
import { SIDECAR_FLAGS, SIDECAR_MALLOC } from '../core/sidecar-process.ts'
import type { AgentMessage, RouteEntry } from '../core/wire.ts'
import { type AgentEnd, listenAsAgent } from './agent-end.ts'
import type { Bed } from './bed.ts'
import { paced, type PacedResult } from './load/paced.ts'
import { saturate } from './load/wrk.ts'
import type { Site } from './peer.ts'
import { untilListening } from './ports.ts'
import { percentile } from './median.ts'
import { cpuSeconds } from './procfs.ts'
import { startPinned } from './process.ts'
import { fromRoot } from './root.ts'
import { requestMix, tableKeys } from './rule.ts'

export interface DeltaResult {
  readonly routes: number
  /** CPU of the sidecar for one change, sent alone: reading, parsing, applying, confirming, and its report to the agent. */
  readonly cpuMicros: number
  /** From the write of a change to the arrival of its confirmation, in microseconds: no less than the event loop was held up. */
  readonly roundTrip: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Latency at 1,000 requests per second without changes, and with 100 of them per second. */
  readonly quiet: PacedResult['latency']
  readonly changing: PacedResult['latency']
  readonly failures: number
}

const TABLE = 'cart'
const CHANGES = 5000
const CHANGES_PER_SECOND = 100
const SECONDS = 5
const WARM_UP_SECONDS = 3
const PATIENCE_SECONDS = 60

export async function measureDelta(
  bed: Bed,
  routes: number,
  tools: Readonly<Record<'wrk' | 'open-loop', string>>,
): Promise<DeltaResult> {
  const keys = tableKeys(routes)
  const site = await bed.site(keys)
  const agent = await listenAsAgent(`${site.folder}/agent.sock`)
  // As `sidetrack run` starts it.
  const sidecar = startPinned(
    bed.cores.proxy,
    process.execPath,
    [...SIDECAR_FLAGS, fromRoot('dist', 'sidecar', 'main.cjs')],
    { ...SIDECAR_MALLOC, SIDETRACK_AGENT: agent.endpoint, SIDETRACK_SIDECAR: 'bench', SIDETRACK_LOG_LEVEL: 'warn' },
  )
  try {
    await within(agent.connected)
    await within(agent.apply(snapshot(site), 1))
    await untilListening(site.listen, sidecar, bed.signal)
    const changes = changesFrom(site, agent)
    const cost = await costOfChanges(sidecar.pid, changes)
    const mix = await bed.writeMix(`delta-${routes}`, requestMix(keys, 61))
    const target = { port: site.listen, mix, connections: 64, signal: bed.signal }
    await saturate({ ...target, wrk: tools.wrk, core: bed.cores.load }, WARM_UP_SECONDS)
    const load = { ...target, generator: tools['open-loop'], rate: 1000, seconds: SECONDS }
    const quiet = await paced(load, bed.cores)
    const stop = new AbortController()
    const [changing] = await Promise.all([
      paced(load, bed.cores).finally(() => stop.abort()),
      changeSteadily(changes, stop.signal),
    ])
    const failures = quiet.errors + quiet.wrong + changing.errors + changing.wrong
    return { routes, ...cost, quiet: quiet.latency, changing: changing.latency, failures }
  } finally {
    agent.close()
    await sidecar.stop()
  }
}

function snapshot(site: Site): readonly AgentMessage[] {
  const baseline = `127.0.0.1:${site.baseline}`
  const listen = `127.0.0.1:${site.listen}`
  return [
    { snapshot: true },
    { put: { kind: 'destination', listen, service: TABLE, baseline, protocol: 'http', tables: [TABLE] } },
    ...site.keys.flatMap((key): AgentMessage[] => [{ put: route(site, key) }, { put: { kind: 'key', key } }]),
    { synced: 1 },
  ]
}

function route(site: Site, key: string): RouteEntry {
  return { kind: 'route', table: TABLE, key, addresses: [`127.0.0.1:${site.fork}`] }
}

type ChangeOnce = () => Promise<void>

/** Each call makes one change: a sandbox comes with its route, and goes again. */
function changesFrom(site: Site, agent: AgentEnd): ChangeOnce {
  let revision = 1
  return async () => {
    revision++
    const key = `new-${revision >> 1}`
    const messages: readonly AgentMessage[] =
      revision % 2 === 0
        ? [{ put: { kind: 'key', key } }, { put: route(site, key) }]
        : [{ drop: { kind: 'route', table: TABLE, key } }, { drop: { kind: 'key', key } }]
    await within(agent.apply([...messages, { revision }], revision))
  }
}

async function costOfChanges(pid: number, change: ChangeOnce): Promise<Pick<DeltaResult, 'cpuMicros' | 'roundTrip'>> {
  for (let index = 0; index < CHANGES / 5; index++) await change()
  const times: number[] = []
  const before = cpuSeconds([pid])
  for (let index = 0; index < CHANGES; index++) {
    const start = performance.now()
    await change()
    times.push((performance.now() - start) * 1000)
  }
  const cpuMicros = ((cpuSeconds([pid]) - before) / CHANGES) * 1e6
  const at = (share: number): number => percentile(times, share)
  return { cpuMicros, roundTrip: { p50: at(0.5), p99: at(0.99), max: at(1) } }
}

async function changeSteadily(change: ChangeOnce, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await change()
    await sleep(1000 / CHANGES_PER_SECOND)
  }
}

async function within(work: Promise<void>): Promise<void> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => timeout.reject(new Error(`the sidecar did not answer within ${PATIENCE_SECONDS} s`)),
    PATIENCE_SECONDS * 1000,
  )
  try {
    await Promise.race([work, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}
