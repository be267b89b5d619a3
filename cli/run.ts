// `sidetrack run FILE`: agent and sidecars on this machine, in the foreground, from a routes file.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type AgentEvent, type Listen, isAgentEvent } from '../core/agent-event.ts'
import { SIDECAR_FLAGS, SIDECAR_MALLOC } from '../core/sidecar-process.ts'
import type { LogLevel } from '../runtime/log.ts'
import { SidetrackError } from '../runtime/errors.ts'
import { Child } from './child.ts'

export interface RunOptions {
  /** `HOST:PORT` of the agent's admin server; port 0 for any. */
  readonly admin: string
  readonly logLevel: LogLevel
  /** Seconds that requests in progress may take when it is stopped. */
  readonly drain: string
}

/** Runs until the signal aborts or a part fails to start; resolves with the exit code when everything has stopped. */
export async function run(
  file: string,
  options: RunOptions,
  signal: AbortSignal,
  print: (text: string) => void,
): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sidetrack-'))
  try {
    return await new Foreground(path.resolve(file), folder, options, print).run(signal)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class Foreground {
  readonly #file: string
  readonly #socket: string
  readonly #options: RunOptions
  readonly #print: (text: string) => void
  readonly #sidecars = new Map<string, Child>()
  readonly #outcome = Promise.withResolvers<number>()
  #admin = ''
  #ready = false
  #stopping = false

  constructor(file: string, folder: string, options: RunOptions, print: (text: string) => void) {
    this.#file = file
    this.#socket = `unix:${path.join(folder, 'agent.sock')}`
    this.#options = options
    this.#print = print
  }

  async run(signal: AbortSignal): Promise<number> {
    const agent = new Child({
      program: 'agent',
      environment: {
        SIDETRACK_FILE: this.#file,
        SIDETRACK_LISTEN: this.#socket,
        SIDETRACK_ADMIN: this.#options.admin,
        SIDETRACK_LOG_LEVEL: this.#options.logLevel,
      },
      message: (message) => {
        if (isAgentEvent(message)) this.#heard(message)
      },
      died: (code, by) => this.#died('the agent', code, by),
    })
    signal.addEventListener('abort', () => this.#outcome.resolve(0))
    try {
      return await this.#outcome.promise
    } finally {
      this.#stopping = true
      await Promise.all([...this.#sidecars.values()].map((child) => child.stop()))
      await agent.stop()
    }
  }

  #heard(event: AgentEvent): void {
    switch (event.event) {
      case 'sidecars':
        this.#admin = event.admin
        this.#startSidecars(event.names)
        return
      case 'programmed':
        if (this.#ready)
          this.#print(
            `revision ${event.revision} in force in every sidecar after ${event.milliseconds.toFixed(1)} ms\n`,
          )
        else this.#print(banner(this.#file, this.#admin, event.listens))
        this.#ready = true
        return
      case 'listener-fault': {
        const { listen, sidecar, fault } = event
        if (!this.#ready)
          this.#outcome.reject(new SidetrackError('ST2004', `sidecar ${sidecar} cannot listen on ${listen}: ${fault}`))
      }
    }
  }

  #startSidecars(names: readonly string[]): void {
    if (this.#stopping) return
    for (const [name, child] of this.#sidecars) {
      if (names.includes(name)) continue
      this.#sidecars.delete(name)
      void child.stop()
    }
    for (const name of names) {
      if (this.#sidecars.has(name)) continue
      const child = new Child({
        program: 'sidecar',
        nodeFlags: SIDECAR_FLAGS,
        environment: {
          ...SIDECAR_MALLOC,
          SIDETRACK_AGENT: this.#socket,
          SIDETRACK_SIDECAR: name,
          SIDETRACK_PARENT: String(process.pid),
          SIDETRACK_LOG_LEVEL: this.#options.logLevel,
          SIDETRACK_DRAIN_SECONDS: this.#options.drain,
        },
        died: (code, by) => this.#died(`sidecar ${name}`, code, by),
      })
      this.#sidecars.set(name, child)
    }
  }

  /** Before everything is ready a death is the end, and the child has said why; afterwards it is started again. */
  #died(what: string, code: number | null, signal: NodeJS.Signals | null): boolean {
    if (this.#stopping) return false
    if (!this.#ready) {
      if (code !== null && code > 0) this.#outcome.resolve(code)
      else this.#outcome.reject(new SidetrackError('ST2006', `${what} ended before it was ready (${signal ?? code})`))
      return false
    }
    process.stderr.write(`sidetrack: ${what} ended (${signal ?? `exit code ${code}`}); starting it again\n`)
    return true
  }
}

/** What runs where, for a person; the last line starts with `ready`. */
function banner(file: string, admin: string, listens: readonly Listen[]): string {
  const rows = [['SERVICE', 'LISTENS ON', 'BASELINE', 'ROUTES', 'SIDECAR']]
  for (const { service, listen, baseline, routes, sidecar } of listens)
    rows.push([service, listen, baseline, String(routes), sidecar])
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n\nadmin  http://${admin}/\nready  edit ${file} and it is in force at once; Ctrl-C stops everything\n`
}
