// Runs a command to its end; one that fails throws an error that holds what it wrote.

import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface CommandOptions {
  readonly input?: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
}

/** What it wrote to stdout. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`))
  })
  child.stdin.on('error', () => undefined) // one that ends without reading its input says so by its exit
  child.stdin.end(options.input ?? '')
  const [stdout, stderr, failure] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (failure === undefined) return stdout
  throw new Error(
    `${[command, ...args].join(' ').slice(0, 500)}: ${failure}\n${`${stdout}\n${stderr}`.trim().slice(-4000)}`,
  )
}
