// kubectl on one cluster.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { run } from './command.ts'

export class Kubectl {
  readonly kubeconfig: string
  readonly #program: string

  constructor(program: string, kubeconfig: string) {
    this.#program = program
    this.kubeconfig = kubeconfig
  }

  /** What it wrote to stdout; an error holds all that it wrote. */
  async run(args: readonly string[], input?: string): Promise<string> {
    const options = input === undefined ? {} : { input }
    return run(this.#program, [`--kubeconfig=${this.kubeconfig}`, ...args], options)
  }

  /** A kubectl that goes on, as `proxy` does. What it says of an API server that is away is nothing new to whoever asks through it. */
  start(args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
    return spawn(this.#program, [`--kubeconfig=${this.kubeconfig}`, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  }

  /** Server-side apply of one object or several. */
  async apply(...objects: readonly object[]): Promise<void> {
    await this.run(
      ['apply', '--server-side', '--filename=-'],
      objects.map((each) => JSON.stringify(each)).join('\n---\n'),
    )
  }

  /** The output of `get -o json`. */
  async get<T>(args: readonly string[]): Promise<T> {
    const result: T = JSON.parse(await this.run(['get', '--output=json', ...args]))
    return result
  }
}
