// The API server as tests ask it again and again: by `kubectl proxy`, since a kubectl for each question would cost a busy machine more than
// what is tested.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Kubectl } from '../../cluster/kubectl.ts'
import type { Scope } from './scope.ts'

const LOOK_MS = 100
const LIMIT_MS = 60_000
/** A server that was stopped, or is cut off, answers nothing at all. */
const PATIENCE_MS = 15_000

export class Api {
  readonly #base: string

  constructor(base: string) {
    this.#base = base
  }

  /** Open until the scope ends. */
  static async open(t: Scope, kubectl: Kubectl): Promise<Api> {
    const proxy = kubectl.start(['proxy', '--port=0'])
    t.teardown(() => proxy.kill())
    const [line]: string[] = await once(createInterface(proxy.stdout), 'line')
    const address = /[\d.]+:\d+/.exec(line ?? '')?.[0]
    if (address === undefined) throw new Error(`kubectl proxy says ${line}`)
    return new Api(`http://${address}`)
  }

  /** The answer's object. Throws unless it is a good one. */
  async get<T>(path: string): Promise<T> {
    return this.#ask(path, {})
  }

  async put<T>(path: string, body: object): Promise<T> {
    return this.#ask(path, { method: 'PUT', body: JSON.stringify(body) })
  }

  /** Server-side apply, as kubectl does it. */
  async apply(path: string, object: object): Promise<void> {
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    await this.#ask(`${path}?fieldManager=test&force=true`, { method: 'PATCH', body: JSON.stringify(object), headers })
  }

  async delete(path: string): Promise<void> {
    await this.#ask(path, { method: 'DELETE' })
  }

  async #ask<T>(path: string, request: RequestInit): Promise<T> {
    const response = await fetch(`${this.#base}${path}`, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    const answer: T = JSON.parse(text)
    return answer
  }
}

/**
 * What a look found once it is neither false nor undefined. Looks ten times a second: each look costs a cluster something. A look that
 * fails is one that saw nothing.
 */
export async function eventually<T>(look: () => Promise<T | false | undefined>, limit = LIMIT_MS): Promise<T> {
  const end = performance.now() + limit
  for (;;) {
    let failure: unknown
    const found = await look().catch((error: unknown) => {
      failure = error
      return undefined
    })
    if (found !== undefined && found !== false) return found
    if (performance.now() > end)
      throw new Error(`did not come true within ${limit} ms: ${look.toString()}`, { cause: failure })
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
