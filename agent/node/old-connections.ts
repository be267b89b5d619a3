// Counts the connections of a pod that go past its sidecar, since they were opened before it was redirected, until they have ended.

import { setTimeout as sleep } from 'node:timers/promises'
import type { PodProcess } from './process-finder.ts'
import { openConnections, pastSidecar } from './sockets.ts'
import { innerUids } from './users.ts'

const RECOUNT_MS = 10_000

export interface OldConnectionsParts {
  readonly processes: () => Promise<readonly PodProcess[]>
  readonly isRedirected: (address: string) => boolean
  readonly exempt: () => number | undefined
  readonly changed: () => void
}

export class OldConnections {
  readonly #parts: OldConnectionsParts
  readonly #closed = new AbortController()
  #count = 0
  #counting = false

  constructor(parts: OldConnectionsParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#count
  }

  /** The pod has just come to be redirected. */
  async watch(): Promise<void> {
    if (this.#counting) return
    this.#counting = true
    do {
      const count = await this.#look().catch(() => 0)
      if (count !== this.#count) {
        this.#count = count
        this.#parts.changed()
      }
      if (count > 0) await sleep(RECOUNT_MS, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {})
    } while (this.#count > 0 && !this.#closed.signal.aborted)
    this.#counting = false
  }

  close(): void {
    this.#closed.abort()
  }

  async #look(): Promise<number> {
    const [one] = await this.#parts.processes()
    if (one === undefined) return 0
    const [connections, inner] = await Promise.all([openConnections(one.pid), innerUids(one.pid)])
    const exempt = this.#parts.exempt()
    return pastSidecar(connections, this.#parts.isRedirected, (uid) => inner(uid) === exempt).length
  }
}
