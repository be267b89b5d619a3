// One child process of the demo, in a process group of its own, so that Ctrl-C reaches the demo alone and it ends them in order.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ChildOptions {
  /** How people know it: `cart[pr-42]`. */
  readonly label: string
  readonly program: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  readonly onErrorLine: (line: string) => void
}

export interface Child {
  readonly label: string
  readonly pid: number | undefined
  /** Resolves with how it ended, in words, when it has and its last line has been read. */
  readonly ended: Promise<string>
  /** Resolves when it has ended: asks first, and kills the whole group if that takes more than `patienceMs`. */
  stop(patienceMs: number): Promise<void>
  /** At once and without waiting: the last resort when the demo itself ends. */
  kill(): void
}

const ORPHAN = new URL(`./orphan${import.meta.filename.slice(-3)}`, import.meta.url)

export function startChild(options: ChildOptions): Child {
  const { label, program, args = [], env = {} } = options
  const child = spawn(process.execPath, ['--import', ORPHAN.href, program, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  if (child.stdout !== null) createInterface(child.stdout).on('line', options.onLine)
  if (child.stderr !== null) createInterface(child.stderr).on('line', options.onErrorLine)

  const kill = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nobody is left in the group.
    }
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      // What it started itself must not outlive it; that also closes the pipes, so that the last lines come.
      kill()
      child.once('close', () => resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`))
    })
  })
  return {
    label,
    pid: child.pid,
    ended,
    kill,
    async stop(patienceMs) {
      child.kill('SIGTERM')
      const timer = setTimeout(kill, patienceMs)
      await ended
      clearTimeout(timer)
    },
  }
}

/** The file of a compiled (or type-stripped) module beside this one. */
export function programFile(path: string): string {
  return fileURLToPath(new URL(`${path}${import.meta.filename.slice(-3)}`, import.meta.url))
}
