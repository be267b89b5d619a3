// The contract of everything that is compared: a proxy that takes requests on one port and routes them by the rule.

import type { Cores } from './cores.ts'

/** Where a peer works. All addresses are on 127.0.0.1. */
export interface Site {
  readonly listen: number
  readonly baseline: number
  readonly fork: number
  /** The keys of the table; each leads to the fork. */
  readonly keys: readonly string[]
  /** A folder of its own for configuration, removed by the harness. */
  readonly folder: string
  readonly cores: Cores
  readonly signal: AbortSignal
}

export interface RunningPeer {
  readonly port: number
  /** The processes that carry requests, which are judged. */
  readonly pids: () => readonly number[]
  /** Processes that belong to it and carry no request, reported by themselves. */
  readonly others: () => readonly number[]
  readonly stop: () => Promise<void>
}

export interface Peer {
  readonly name: string
  /** Resolves when it takes requests; on failure it has left nothing behind. */
  start(site: Site): Promise<RunningPeer>
}
