// A program that runs until it is told to end, its output in a log of its own.

import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

const RESTART_DELAY_MS = 500

export class Daemon {
  readonly name: string
  readonly pid: number
  readonly log: string
  /** Resolves with how it ended. */
  readonly ended: Promise<string>
  #end: string | undefined

  /** Starts `command`; what it writes goes to the file `log`, after what is there. */
  constructor(name: string, command: readonly string[], log: string) {
    this.name = name
    this.log = log
    const output = openSync(log, 'a')
    const [program = '', ...args] = command
    const child = spawn(program, args, { stdio: ['ignore', output, output] })
    closeSync(output)
    this.pid = child.pid ?? 0
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(`ended with ${code ?? signal}`))
    })
    void this.ended.then((how) => (this.#end = how))
  }

  /** Waits for a condition, looking every 50 ms. Rejects with its last words when it has ended or `seconds` have passed. */
  async ready(isReady: () => Promise<boolean>, seconds = 60): Promise<void> {
    const limit = performance.now() + seconds * 1000
    while (this.#end === undefined && performance.now() < limit) {
      if (await isReady()) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const how = this.#end ?? `is not ready after ${seconds} s`
    throw new Error(`${this.name} ${how}; ${this.log} ends with\n${readFileSync(this.log, 'utf8').slice(-3000)}`)
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#end === undefined) process.kill(this.pid, signal)
  }

  /** Sends a signal that ends it and waits until it has. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal)
    await this.ended
  }
}

/** Starts a daemon again whenever it ends, as a node's init would, until `signal`. Answers the first one. */
export function supervise(start: () => Daemon, signal: AbortSignal): Daemon {
  const first = start()
  void (async () => {
    for (let daemon = first; ; daemon = start()) {
      await daemon.ended
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS))
      if (signal.aborted) return
    }
  })()
  return first
}
