// Starts a program pinned to one core, and ends it, and only it, by its process id.

import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

export interface Running {
  readonly pid: number
  /** What it has printed on both streams so far, the last 64 KiB of it. */
  output(): string
  /** Undefined while it runs. */
  exitCode(): number | undefined
  readonly ended: Promise<void>
  /** SIGTERM, then SIGKILL after two seconds; resolves when it has ended. */
  stop(): Promise<void>
}

const OUTPUT_LIMIT = 1 << 16

/** Load, upstreams and proxies alike stand above what else the machine does, where the user may say so. */
const NICENESS = process.getuid?.() === 0 ? -15 : 0

export function startPinned(
  core: number,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Running {
  // nice and taskset become the command (exec), so the process id is the command's own.
  const child = spawn('nice', ['-n', String(NICENESS), 'taskset', '-c', String(core), command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  return watch(child)
}

function watch(child: ChildProcessByStdio<null, Readable, Readable>): Running {
  let output = ''
  let code: number | undefined
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_LIMIT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      keep(Buffer.from(error.message))
      code ??= 127
      resolve()
    })
    child.once('close', (exit) => {
      code ??= exit ?? 1
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exitCode: () => code,
    ended,
    stop: async () => {
      if (code !== undefined) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Looks at a program every 100 ms while it runs, and may interrupt it. */
export type Onlooker = (pid: number) => void

/** Runs a program to its end and returns what it printed. Throws if it fails or takes longer than `seconds`. */
export async function runPinned(
  core: number,
  command: string,
  args: readonly string[],
  limits: { readonly seconds: number; readonly signal: AbortSignal },
  onlooker?: Onlooker,
): Promise<string> {
  limits.signal.throwIfAborted()
  const running = startPinned(core, command, args)
  // No polling without need: the harness shares a core with the load, and would be seen in its latencies.
  const looking = onlooker === undefined ? undefined : setInterval(() => onlooker(running.pid), 100)
  const over = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.seconds * 1000)])
  try {
    await Promise.race([running.ended, once(over, 'abort')])
    limits.signal.throwIfAborted()
    if (running.exitCode() === undefined) throw new Error(`${command} did not end within ${limits.seconds} s`)
  } finally {
    clearInterval(looking)
    await running.stop()
  }
  if (running.exitCode() !== 0) throw new Error(`${command} failed (${running.exitCode()}): ${running.output().trim()}`)
  return running.output()
}

/** Moves a process that runs already, with all its threads. */
export function pin(core: number, pid: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' })
}
