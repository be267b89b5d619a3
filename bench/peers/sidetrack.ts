// This project: `sidetrack run FILE`, compiled. The sidecar process is judged; agent and CLI carry no request.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer, RunningPeer, Site } from '../peer.ts'
import { untilListening } from '../ports.ts'
import { commandLine, descendants } from '../procfs.ts'
import { pin, type Running, startPinned } from '../process.ts'
import { fromRoot } from '../root.ts'

/** A file of 100,000 routes takes the agent some seconds to read. */
const READY_SECONDS = 90

export interface FileRoute {
  readonly key: string
  readonly port: number
}

export const sidetrack: Peer = {
  name: 'sidetrack',
  start: async (site) => {
    const file = join(site.folder, 'sidetrack.yaml')
    await writeFile(
      file,
      routesFile(
        site,
        site.keys.map((key) => ({ key, port: site.fork })),
      ),
    )
    return startSidetrack(site, file)
  },
}

/** Runs `work` while the sidecar runs with other routes than the rule's; stops it whatever happens. */
export async function withSidetrack<T>(
  site: Site,
  routes: readonly FileRoute[],
  work: (running: RunningPeer & { readonly file: string }) => Promise<T>,
): Promise<T> {
  const file = join(site.folder, 'sidetrack.yaml')
  await writeFile(file, routesFile(site, routes))
  const running = await startSidetrack(site, file)
  try {
    return await work({ ...running, file })
  } finally {
    await running.stop()
  }
}

/** The file that `sidetrack run` reads. */
export function routesFile(site: Pick<Site, 'listen' | 'baseline'>, routes: readonly FileRoute[]): string {
  return [
    'services:',
    '- name: cart',
    `  listen: 127.0.0.1:${site.listen}`,
    `  baseline: 127.0.0.1:${site.baseline}`,
    '  routes:',
    ...routes.map(({ key, port }) => `  - {key: ${key}, address: 127.0.0.1:${port}}`),
    '',
  ].join('\n')
}

/** A file with a service, and a sidecar of its own, on each of the ports; all with the site's keys. */
export function sidecarsFile(site: Pick<Site, 'baseline' | 'fork' | 'keys'>, listens: readonly number[]): string {
  const services = listens.flatMap((listen, index) => [
    `- name: service-${index}`,
    `  sidecar: sidecar-${index}`,
    `  listen: 127.0.0.1:${listen}`,
    `  baseline: 127.0.0.1:${site.baseline}`,
    '  routes:',
    ...site.keys.map((key) => `  - {key: ${key}, address: 127.0.0.1:${site.fork}}`),
  ])
  return ['services:', ...services, ''].join('\n')
}

export async function startSidetrack(site: Site, file: string): Promise<RunningPeer> {
  const program = fromRoot('dist', 'cli', 'main.js')
  const running = startPinned(site.cores.load, process.execPath, [program, 'run', file])
  try {
    await untilReady(running, site.signal)
    await untilListening(site.listen, running, site.signal)
    const family = descendants(running.pid)
    const sidecars = family.filter((pid) => commandLine(pid).includes('sidecar/main.'))
    if (sidecars.length === 0) throw new Error(`sidetrack run started no sidecar: ${running.output().trim()}`)
    for (const pid of sidecars) pin(site.cores.proxy, pid)
    return {
      port: site.listen,
      pids: () => sidecars,
      others: () => [running.pid, ...family.filter((pid) => !sidecars.includes(pid))],
      stop: () => stopFamily(running, family),
    }
  } catch (error) {
    await stopFamily(running, descendants(running.pid))
    throw error
  }
}

async function untilReady(running: Running, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_SECONDS * 1000
  while (!/^ready/m.test(running.output())) {
    signal.throwIfAborted()
    if (running.exitCode() !== undefined) throw new Error(`sidetrack run ended: ${running.output().trim()}`)
    if (performance.now() > deadline) throw new Error(`sidetrack run is not ready after ${READY_SECONDS} s`)
    await sleep(20)
  }
}

/** A CLI that had to be killed leaves its children: they are ended by their ids, if they are still what they were. */
async function stopFamily(running: Running, family: readonly number[]): Promise<void> {
  const commands = new Map(family.map((pid) => [pid, commandLine(pid)]))
  await running.stop()
  for (const [pid, command] of commands) {
    if (command === '' || commandLine(pid) !== command) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
