// The test bed of one run: a folder, free ports, the upstreams, and a site for each peer; all gone afterwards.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assignCores, type Cores } from './cores.ts'
import type { Peer, RunningPeer, Site } from './peer.ts'
import { freePorts } from './ports.ts'
import { formatMix, type LoadEntry, type Variant } from './rule.ts'
import { startUpstreams } from './upstream.ts'

export interface Bed {
  readonly cores: Cores
  readonly upstreams: Readonly<Record<Variant, number>>
  readonly signal: AbortSignal
  /** A path in the bed's folder. */
  path(name: string): string
  /** Writes a request mix for the load generators and returns its path. */
  writeMix(name: string, mix: readonly LoadEntry[]): Promise<string>
  /** A place for one peer, on a port that was not used before, in front of other upstreams than the bed's if it is told. */
  site(keys: readonly string[], upstreams?: Pick<Bed['upstreams'], 'baseline' | 'fork'>): Promise<Site>
}

/** Runs `work` on a fresh bed. */
export async function withBed<T>(nginx: string, signal: AbortSignal, work: (bed: Bed) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sidetrack-bench-'))
  try {
    const cores = assignCores()
    const [baseline = 0, fork = 0, otherFork = 0] = await freePorts(3)
    const upstreams = { baseline, fork, 'other-fork': otherFork }
    const stop = await startUpstreams(nginx, upstreams, folder, cores, signal)
    try {
      return await work(bedIn(folder, cores, upstreams, signal))
    } finally {
      await stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function bedIn(folder: string, cores: Cores, upstreams: Bed['upstreams'], signal: AbortSignal): Bed {
  let sites = 0
  const path = (name: string): string => join(folder, name)
  return {
    cores,
    upstreams,
    signal,
    path,
    writeMix: async (name, mix) => {
      await writeFile(path(name), formatMix(mix))
      return path(name)
    },
    site: async (keys, { baseline, fork } = upstreams) => {
      const own = path(`site-${sites++}`)
      await mkdir(own)
      const [listen = 0] = await freePorts(1)
      return { listen, baseline, fork, keys, folder: own, cores, signal }
    },
  }
}

/** Runs `work` while `peer` runs; stops it whatever happens. */
export async function withPeer<T>(peer: Peer, site: Site, work: (running: RunningPeer) => Promise<T>): Promise<T> {
  const running = await peer.start(site)
  try {
    return await work(running)
  } finally {
    await running.stop()
  }
}
