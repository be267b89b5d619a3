// What a sidecar holds: idle, twenty beside each other, with a thousand connections, and while much passes through it.

import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bed, withBed, withPeer } from './bed.ts'
import { saturateWithH2Load } from './load/h2load.ts'
import { saturate } from './load/wrk.ts'
import { startTransferServer, type Transfer, transfer, TRANSFERS } from './load/transfer.ts'
import { sidecarsFile, sidetrack, startSidetrack } from './peers/sidetrack.ts'
import { freePorts } from './ports.ts'
import { type Footprint, footprint, memory, resetPeak } from './procfs.ts'
import type { Progress } from './progress.ts'
import { requestMix, ruleCases, tableKeys } from './rule.ts'
import { findTools } from './tools.ts'
import { bodyOf, startUpstreams } from './upstream.ts'
import { verifyRouting } from './verify.ts'

export interface MemoryResult {
  readonly idle: Footprint
  /** One for each of the sidecars of one `sidetrack run`. */
  readonly together: readonly Footprint[]
  readonly connections: ConnectionsResult
  readonly transfers: readonly TransferResult[]
}

export interface ConnectionsResult {
  readonly count: number
  /** Bytes, with all of them open and idle after one request each; and the most while they were opened. */
  readonly rss: number
  readonly peak: number
  readonly failures: number
}

export interface TransferResult extends Transfer {
  readonly bytes: number
  readonly received: number
  readonly seconds: number
  /** Just before it, and the most while it went on. */
  readonly before: number
  readonly peak: number
}

export const TOGETHER = 20
const CONNECTIONS = 1000
const KEYS = 10
const WARM_UP_SECONDS = 2
/** A fresh process is still at work for a moment, and a sidecar gives back what its start has left in its first quiet second. */
const SETTLE_MS = 2500

export async function measureMemory(megabytes: number, signal: AbortSignal, progress: Progress): Promise<MemoryResult> {
  const tools = findTools(['nginx', 'wrk', 'h2load', 'taskset'])
  return withBed(tools.nginx, signal, async (bed) => {
    progress(`${TOGETHER} sidecars beside each other`)
    const together = await measureTogether(bed)
    progress(`idle, then ${CONNECTIONS} connections`)
    const { idle, connections } = await measureConnections(bed)
    const transfers = await measureTransfers(bed, tools, megabytes, progress)
    return { idle, together, connections, transfers }
  })
}

async function measureTogether(bed: Bed): Promise<readonly Footprint[]> {
  const site = await bed.site(tableKeys(KEYS))
  const listens = [site.listen, ...(await freePorts(TOGETHER - 1))]
  const file = join(site.folder, 'sidetrack.yaml')
  await writeFile(file, sidecarsFile(site, listens))
  const running = await startSidetrack(site, file)
  try {
    const pids = running.pids()
    if (pids.length !== TOGETHER) throw new Error(`${pids.length} sidecars instead of ${TOGETHER}`)
    for (const port of listens) await verifyRouting('sidetrack', port, ruleCases(site.keys).slice(0, 1))
    await sleep(SETTLE_MS)
    return pids.map(footprint)
  } finally {
    await running.stop()
  }
}

async function measureConnections(bed: Bed): Promise<Pick<MemoryResult, 'idle' | 'connections'>> {
  const keys = tableKeys(KEYS)
  return withPeer(sidetrack, await bed.site(keys), async ({ port, pids }) => {
    await sleep(SETTLE_MS)
    const [pid = 0] = pids()
    const idle = footprint(pid)
    const sockets: Socket[] = []
    try {
      const mix = requestMix(keys, CONNECTIONS)
      let failures = 0
      // The load generator's pace: as fast as one after the other goes.
      for (const { baggage, variant } of mix) {
        const { socket, answer } = await ask(port, baggage)
        sockets.push(socket)
        if (!answer.startsWith('HTTP/1.1 200 ') || !answer.includes(`\r\nx-variant: ${variant}\r\n`)) failures++
      }
      await sleep(SETTLE_MS)
      failures += sockets.filter((socket) => socket.destroyed || socket.readableEnded).length
      const { rss, peak } = memory([pid])
      return { idle, connections: { count: CONNECTIONS, rss, peak, failures } }
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })
}

/** Sends one request on a connection that stays open. The answer is '' if none came within five seconds. */
function ask(port: number, baggage: string): Promise<{ readonly socket: Socket; readonly answer: string }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const settle = (): void => {
      clearTimeout(timer)
      resolve({ socket, answer })
    }
    const timer = setTimeout(settle, 5000)
    socket.on('error', settle)
    socket.on('close', settle)
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (answer.includes('\r\n\r\n')) settle()
    })
    socket.write(`GET / HTTP/1.1\r\nHost: bench\r\n${baggage === '' ? '' : `baggage: ${baggage}\r\n`}\r\n`)
  })
}

type Tools = Readonly<Record<'nginx' | 'wrk' | 'h2load', string>>

async function measureTransfers(
  bed: Bed,
  tools: Tools,
  megabytes: number,
  progress: Progress,
): Promise<readonly TransferResult[]> {
  const [http2 = 0, fork = 0, other = 0] = await freePorts(3)
  const ports = { baseline: http2, fork, 'other-fork': other }
  const stop = await startUpstreams(tools.nginx, ports, bed.path('.'), bed.cores, bed.signal, { http2: true })
  try {
    const results: TransferResult[] = []
    for (const which of TRANSFERS) {
      progress(`${megabytes} MiB ${which.direction} over ${which.protocol}, the receiver slow`)
      results.push(await measureTransfer(bed, tools, http2, which, megabytes * 1024 * 1024))
    }
    return results
  } finally {
    await stop()
  }
}

/** Through a process of its own, which has carried small requests of the same protocol and nothing large. */
async function measureTransfer(
  bed: Bed,
  tools: Tools,
  http2: number,
  which: Transfer,
  bytes: number,
): Promise<TransferResult> {
  const keys = tableKeys(KEYS)
  const server = await startTransferServer(which, bytes)
  const baseline = which.protocol === 'HTTP/2' ? http2 : bed.upstreams.baseline
  try {
    return await withPeer(sidetrack, await bed.site(keys, { baseline, fork: server.port }), async ({ port, pids }) => {
      await warmUp(bed, tools, which, port)
      await sleep(SETTLE_MS)
      const before = memory(pids()).rss
      resetPeak(pids())
      const start = performance.now()
      const received = await transfer(which, port, `sidetrack=${keys[0] ?? ''}`, bytes, bed.signal)
      const seconds = (performance.now() - start) / 1000
      return { ...which, bytes, received, seconds, before, peak: memory(pids()).peak }
    })
  } finally {
    server.close()
  }
}

/** Only requests without a key: the fork is the far end of the transfer. */
async function warmUp(bed: Bed, tools: Tools, { protocol }: Transfer, port: number): Promise<void> {
  const baggage = 'userId=alice'
  const target = { core: bed.cores.load, port, signal: bed.signal }
  if (protocol === 'HTTP/2') {
    const shape = { path: '/', baggage, answerBytes: bodyOf('baseline').length, connections: 4, streams: 8 }
    const { failures } = await saturateWithH2Load({ ...target, ...shape, h2load: tools.h2load }, WARM_UP_SECONDS)
    if (failures > 0) throw new Error(`${failures} requests of the warm-up over HTTP/2 failed`)
  } else {
    const mix = await bed.writeMix('mix-transfer', [{ baggage, variant: 'baseline' }])
    await saturate({ ...target, wrk: tools.wrk, mix, connections: 64 }, WARM_UP_SECONDS)
  }
}
