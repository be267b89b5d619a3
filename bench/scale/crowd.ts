// Many agents in a few processes, and when a changed route is in force with each of them.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { memory } from '../procfs.ts'
import { fromRoot } from '../root.ts'
import type { Begin, Told } from './agents-program.ts'

const PROGRAM = fromRoot('dist/bench/scale/agents-program.js')
/** As many as there are cores for them. */
const PROCESSES = 2
/** What takes longer does not come any more. */
const LIMIT_MS = 120_000

interface Member {
  readonly process: ChildProcess
  agents: number
  listed: number
}

export class Crowd {
  readonly #members: readonly Member[]
  readonly #inForce = new Map<string, number[]>()

  /** `state`: a folder for what agents write down. */
  constructor(kubeconfig: string, state: string) {
    this.#members = Array.from({ length: PROCESSES }, () => {
      const member = { process: fork(PROGRAM, [kubeconfig, state]), agents: 0, listed: 0 }
      member.process.on('message', ({ listed, inForce = [] }: Told) => {
        if (listed !== undefined) member.listed = listed
        for (const [address, at] of inForce) this.#inForce.get(address)?.push(at)
      })
      return member
    })
  }

  get size(): number {
    return this.#members.reduce((sum, { agents }) => sum + agents, 0)
  }

  /** What the processes hold, all together, in bytes. */
  get rss(): number {
    return memory(this.#members.map(({ process: { pid = 0 } }) => pid)).rss
  }

  /** Resolves when agents run on these nodes too, and know everything. */
  async add(nodes: readonly string[], signal: AbortSignal): Promise<void> {
    for (const [index, member] of this.#members.entries()) {
      const own = nodes.filter((_, each) => each % PROCESSES === index)
      if (own.length === 0) continue
      member.agents += own.length
      const message: Begin = { nodes: own }
      member.process.send(message)
    }
    while (this.#members.some(({ agents, listed }) => listed < agents)) {
      signal.throwIfAborted()
      const ended = this.#members.find(({ process }) => process.exitCode !== null)
      if (ended !== undefined) throw new Error('a process of agents ended')
      await pause()
    }
  }

  /** From now on it is remembered when a route to this address comes in force. */
  expect(address: string): void {
    this.#inForce.set(address, [])
  }

  /** When each agent had it in force, milliseconds since 1970; resolves when all have. */
  async everywhere(address: string, signal: AbortSignal): Promise<readonly number[]> {
    const limit = performance.now() + LIMIT_MS
    for (;;) {
      signal.throwIfAborted()
      const times = this.#inForce.get(address) ?? []
      if (times.length >= this.size) return times
      if (performance.now() > limit)
        throw new Error(`a route to ${address} is in force with ${times.length} of ${this.size} agents only`)
      await pause()
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#members.map(async ({ process }) => {
        if (process.exitCode !== null) return
        const ended = once(process, 'exit')
        process.disconnect()
        await ended
      }),
    )
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
