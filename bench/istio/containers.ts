// Containers of pods as this machine sees them: their processes, the CPU time of their control group, their memory.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import { footprint } from '../procfs.ts'

export interface Container {
  readonly pod: string
  readonly name: string
  /** Host ids, the first process first. */
  readonly pids: readonly number[]
  /** Its control group, below the folder of a hierarchy. */
  readonly cgroup: string
}

const ROOT = '/sys/fs/cgroup'

/** All running containers of these pods. */
export function containersOf(pods: readonly Pod[]): readonly Container[] {
  const groups = processesByCgroup()
  return pods.flatMap(({ metadata, status }) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].flatMap(
      ({ name, containerID }): Container[] => {
        const id = containerID?.split('//')[1]
        const found = id === undefined ? undefined : [...groups].find(([group]) => group.endsWith(id))
        return found === undefined ? [] : [{ pod: metadata.name, name, pids: found[1], cgroup: found[0] }]
      },
    ),
  )
}

function processesByCgroup(): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const group = cgroupOf(Number(pid))
    if (group?.includes('/pod') !== true) continue
    groups.set(group, [...(groups.get(group) ?? []), Number(pid)])
  }
  for (const pids of groups.values()) pids.sort((a, b) => a - b)
  return groups
}

/** Where its CPU is counted: the hierarchy `cpuacct` of cgroups 1, or the only one of cgroups 2. */
function cgroupOf(pid: number): string | undefined {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n')
    const line =
      lines.find((each) => /^\d+:(?:cpu,)?cpuacct:/.test(each)) ?? lines.find((each) => each.startsWith('0::'))
    return line?.split(':')[2]
  } catch {
    return undefined // it ended between the two reads
  }
}

/** Seconds of all that ever ran in these containers. */
export function cpuOf(containers: readonly Container[]): number {
  return containers.reduce((sum, { cgroup }) => sum + cgroupSeconds(cgroup), 0)
}

function cgroupSeconds(cgroup: string): number {
  const first = join(ROOT, 'cpuacct', cgroup, 'cpuacct.usage')
  if (existsSync(first)) return Number(readFileSync(first, 'utf8')) / 1e9
  const text = readFileSync(join(ROOT, cgroup, 'cpu.stat'), 'utf8')
  return Number(/^usage_usec (\d+)/m.exec(text)?.[1]) / 1e6
}

export interface Memory {
  readonly rss: number
  readonly pss: number
}

/** Bytes; the PSS of processes of one image count once what they share. */
export function memoryOf(pids: readonly number[]): Memory {
  const all = pids.map(footprint)
  return { rss: all.reduce((sum, { rss }) => sum + rss, 0), pss: all.reduce((sum, { pss }) => sum + pss, 0) }
}
