// What Linux says about a process: its CPU time, its memory, its children (proc(5)).

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** User and system time of all its threads, in seconds. */
  readonly cpuSeconds: number
  readonly threads: number
}

/** USER_HZ, the unit of times in /proc: 100 on every architecture that Node runs on, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100

/** Parses /proc/PID/stat. The command stands in parentheses and may hold anything, parentheses and spaces included. */
export function parseStat(text: string): ProcessStat {
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(rest[number - 3])
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    threads: field(20),
  }
}

/** The value of one line of /proc/PID/status that is given in kB, in bytes; 0 if there is none. */
export function parseStatusBytes(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)
  return found === null ? 0 : Number(found[1]) * 1024
}

export function stat(pid: number): ProcessStat {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + stat(pid).cpuSeconds, 0)
}

/** Parses the line of one core in /proc/stat: seconds in which it was busy or taken by the hypervisor. */
export function parseCoreSeconds(text: string, core: number): number {
  const fields = new RegExp(`^cpu${core} (.*)$`, 'm').exec(text)?.[1]?.split(' ').map(Number) ?? []
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
}

export function coreSeconds(core: number): number {
  return parseCoreSeconds(readFileSync('/proc/stat', 'utf8'), core)
}

/** What they hold now, and the most that each has ever held, in bytes. */
export function memory(pids: readonly number[]): { readonly rss: number; readonly peak: number } {
  let rss = 0
  let peak = 0
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    rss += parseStatusBytes(text, 'VmRSS')
    peak += parseStatusBytes(text, 'VmHWM')
  }
  return { rss, peak }
}

/** From now on the peak of `memory` counts from what they hold now (proc(5), clear_refs). */
export function resetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** Bytes of one process that count towards a node's memory. */
export interface Footprint {
  readonly rss: number
  /** Its own pages, and its share of those that others map as well: the PSS of all processes add up. */
  readonly pss: number
  /** Only what no other process maps. */
  readonly own: number
}

/** Parses /proc/PID/smaps_rollup. */
export function parseFootprint(text: string): Footprint {
  return {
    rss: parseStatusBytes(text, 'Rss'),
    pss: parseStatusBytes(text, 'Pss'),
    own: parseStatusBytes(text, 'Private_Clean') + parseStatusBytes(text, 'Private_Dirty'),
  }
}

export function footprint(pid: number): Footprint {
  return parseFootprint(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
}

/** The processes that `pid` started, and those that they started, without itself. */
export function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const { parent } = stat(Number(name))
      children.set(parent, [...(children.get(parent) ?? []), Number(name)])
    } catch {
      // It ended between the two reads.
    }
  }
  const found: number[] = []
  for (let queue = [...(children.get(pid) ?? [])]; queue.length > 0;) {
    found.push(...queue)
    queue = queue.flatMap((each) => children.get(each) ?? [])
  }
  return found
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}
