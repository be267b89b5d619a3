// Runs a program in a namespace to its end.

import type { NetworkNamespace } from './network-namespace.ts'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that takes longer than this is killed. Milliseconds. */
const LIMIT_MS = 10_000

/** Resolves with what it said when it has ended, whatever came of it. Rejects if it cannot be started or is not done in 10 s. */
export function runIn(
  namespace: NetworkNamespace,
  command: string,
  args: readonly string[],
  input = '',
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = namespace.spawn(command, args, { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' })
    const text = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${command} was not done within ${LIMIT_MS / 1000} s`))
    }, LIMIT_MS)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, ...text })
    })
    // A program that ends without reading says why in its own words.
    child.stdin?.on('error', () => {}).end(input)
  })
}
