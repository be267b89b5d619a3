// What the processes of Sidetrack on a soak's cluster hold: memory, files, redirected addresses. Read on the host, which sees them all.

import { readdir, readFile } from 'node:fs/promises'
import { run } from '../cluster/command.ts'

export type Component = 'agent' | 'controller' | 'sidecar'

export interface Held {
  readonly component: Component
  /** Tells it from a later process with the same number. */
  readonly id: string
  readonly pid: number
  readonly rssBytes: number
  readonly files: number
}

const PROGRAMS: Readonly<Record<string, Component>> = {
  'dist/agent/main.js': 'agent',
  'dist/controller/main.js': 'controller',
  '/sidecar.cjs': 'sidecar',
}

/** Of the cluster with this name. What ends meanwhile is left out. */
export async function processesOf(cluster: string): Promise<readonly Held[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const all = await Promise.all(pids.map((pid) => look(pid, cluster).catch(() => undefined)))
  return all.filter((each) => each !== undefined)
}

async function look(pid: number, cluster: string): Promise<Held | undefined> {
  const folder = `/proc/${pid}`
  const words = (await readFile(`${folder}/cmdline`, 'utf8')).split('\0')
  const component = words.map((word) => PROGRAMS[word]).find((each) => each !== undefined)
  if (component === undefined) return undefined
  if (!(await readFile(`${folder}/cgroup`, 'utf8')).includes(`/sidetrack-${cluster}-node`)) return undefined
  const resident = /^VmRSS:\s+(\d+)/m.exec(await readFile(`${folder}/status`, 'utf8'))?.[1]
  // It has ended, and nobody has asked for its exit code yet.
  if (resident === undefined) return undefined
  const stat = await readFile(`${folder}/stat`, 'utf8')
  const start = stat.slice(stat.lastIndexOf(')')).split(' ')[20]
  return {
    component,
    id: `${pid} ${start}`,
    pid,
    rssBytes: Number(resident) * 1024,
    files: (await readdir(`${folder}/fd`)).length,
  }
}

/** How many addresses the pod of this process redirects. */
export async function redirectsOf(pid: number): Promise<number> {
  const listed = await run('nsenter', [
    '--net',
    `--target=${pid}`,
    'nft',
    '--json',
    'list',
    'table',
    'inet',
    'sidetrack',
  ])
  const { nftables }: { nftables: readonly { map?: { name: string; elem?: readonly unknown[] } }[] } =
    JSON.parse(listed)
  return nftables
    .filter(({ map }) => map?.name.startsWith('destination') === true)
    .reduce((sum, { map }) => sum + (map?.elem?.length ?? 0), 0)
}
