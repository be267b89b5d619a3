// One of Sidetrack's programs as a child process: started, started again when it dies, stopped.

import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

export interface ChildOptions {
  /** The program's folder: `agent` or `sidecar`. */
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
  /** Flags for node itself. */
  readonly nodeFlags?: readonly string[]
  readonly message?: (message: unknown) => void
  /** It ended although nobody stopped it; `true` if it should be started again. */
  readonly died: (code: number | null, signal: NodeJS.Signals | null) => boolean
}

const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 5000
/** A child that ran this long before it died was well; the next restart is quick again. */
const WELL_MS = 10_000

export class Child {
  readonly #options: ChildOptions
  #process: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #backoff = FIRST_RESTART_MS

  constructor(options: ChildOptions) {
    this.#options = options
    this.#start()
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Sends SIGTERM and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }

  #start(): void {
    const { program, environment, nodeFlags = [], message } = this.#options
    const startedAt = performance.now()
    const child = spawn(process.execPath, [...nodeFlags, programPath(program)], {
      env: { ...inherited(), ...environment },
      stdio: message === undefined ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process = child
    if (message !== undefined) child.on('message', message)
    child.on('exit', (code, signal) => {
      if (this.#stopped || !this.#options.died(code, signal)) return
      if (performance.now() - startedAt > WELL_MS) this.#backoff = FIRST_RESTART_MS
      this.#timer = setTimeout(() => this.#start(), this.#backoff)
      this.#backoff = Math.min(this.#backoff * 2, LAST_RESTART_MS)
    })
  }
}

/** Beside this file, in the sources as in what was built from them, where the sidecar is a single CommonJS file. */
function programPath(program: string): string {
  const extension = path.extname(import.meta.filename)
  return path.join(
    import.meta.dirname,
    '..',
    program,
    `main${program === 'sidecar' && extension === '.js' ? '.cjs' : extension}`,
  )
}

/** The environment without this program's own settings: a child gets exactly what it is given. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SIDETRACK_')))
}
