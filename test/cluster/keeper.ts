// The process that keeps one cluster for as long as somebody wants it: started by the first who does, ends after the last. Its
// socket has the cluster's name, so that there is never a second one, and vanishes with the process, whatever ends it.

import { once } from 'node:events'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '../fixtures/until.ts'
import { bringUp } from './bring-up.ts'
import { removeCgroups } from './cgroup.ts'
import { clusterFolder, keeperAddress, type News, type Wish } from './keeper-link.ts'
import type { Machine } from './machine.ts'
import { buildPrograms, programsAreBuilt } from './programs.ts'

const [, , NAME = '', NODES = '2'] = process.argv
const FOLDER = clusterFolder(NAME)
const LOGS = `/tmp/sidetrack-logs-${NAME}`
const CGROUPS = `sidetrack-${NAME}-`
const LOOK_MS = 250
const PATIENCE_MS = 5000

const ending = new AbortController()
const machines: Machine[] = []
const connections = new Set<net.Socket>()
const users = new Set<net.Socket>()
const owners = new Set<number>()
let held = false
let news: News = { state: 'starting', doing: 'starting' }

const server = net.createServer(serve)
server.once('error', () => process.exit(0)) // another one was faster
server.listen(keeperAddress(NAME), () => void keep())

function serve(socket: net.Socket): void {
  connections.add(socket)
  socket.on('error', () => undefined) // it closes, too
  socket.on('close', () => {
    connections.delete(socket)
    users.delete(socket)
  })
  createInterface(socket).once('line', (line) => {
    const wish: Wish = JSON.parse(line)
    if (wish.wish === 'end') ending.abort()
    if (wish.wish === 'hold') held = true
    if (wish.wish === 'use') users.add(socket)
    if (wish.wish === 'use' && wish.pid !== undefined) owners.add(wish.pid)
    socket.write(`${JSON.stringify(ending.signal.aborted ? { state: 'ending' } : news)}\n`)
  })
}

function tell(latest: News): void {
  news = latest
  for (const socket of connections) socket.write(`${JSON.stringify(latest)}\n`)
}

async function keep(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
  const ended = once(ending.signal, 'abort')
  const started = start()
  started.catch((error: unknown) => {
    if (!ending.signal.aborted) fail(error)
  })
  // Whoever started this process has the time of a breath to say so.
  setTimeout(() => setInterval(endIfUnwanted, LOOK_MS), PATIENCE_MS)
  await ended
  // A start in progress fails with its machines, unless one of them was not there yet.
  while (machines.length > 0) await machines.pop()?.end()
  await started.catch(() => undefined)
  while (machines.length > 0) await machines.pop()?.end()
  await removeAll().catch((error: unknown) => tell({ state: 'failed', error: `leftovers: ${String(error)}` }))
  // With its connections closes the last that others know of it.
  process.exit()
}

async function start(): Promise<void> {
  await removeAll()
  if (!programsAreBuilt()) tell({ state: 'starting', doing: 'building the programs: minutes, the first time' })
  const programs = await buildPrograms(ending.signal)
  tell({ state: 'starting', doing: `starting ${NODES} nodes` })
  const cluster = await bringUp({
    name: `sidetrack-${NAME}`,
    nodes: Number(NODES),
    folder: FOLDER,
    programs,
    signal: ending.signal,
    onMachine: (machine) => machines.push(machine),
  })
  tell({ state: 'ready', cluster })
}

function endIfUnwanted(): void {
  for (const pid of owners) if (!existsSync(`/proc/${pid}`)) owners.delete(pid)
  if (!held && users.size === 0 && owners.size === 0) ending.abort()
}

/** Tells everybody, with the logs where they will stay. */
function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  const logs = join(FOLDER, 'logs')
  rmSync(LOGS, { recursive: true, force: true })
  if (existsSync(logs)) cpSync(logs, LOGS, { recursive: true })
  tell({ state: 'failed', error: `the cluster ${NAME} did not start: ${reason}\nlogs: ${LOGS}` })
  ending.abort()
}

/**
 * Of this cluster, or of one of its name whose keeper was killed: its processes end by themselves, then its groups and files are
 * free. The kernel takes the file systems of a dead machine apart a moment later.
 */
async function removeAll(): Promise<void> {
  await until(() => succeeds(removeCgroups(CGROUPS)))
  await until(() => succeeds(rm(FOLDER, { recursive: true, force: true })))
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}
