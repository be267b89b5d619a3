// Counts the connections of a pod that go past its sidecar, since they were opened when nothing was redirected, until they have ended.

import { setTimeout as sleep } from 'node:timers/promises'
import type { PodProcess } from './process-finder.ts'
import { type Redirected, openConnections, pastSidecar } from './sockets.ts'
import { innerUids } from './users.ts'

const RECOUNT_MS = 5000
/** The ends of a connection are in two lists that are read one after the other: one that comes or goes meanwhile has one end. */
const AGAIN_MS = 250

export interface OldConnectionsParts {
  readonly processes: () => Promise<readonly PodProcess[]>
  readonly redirected: Redirected
  /** The sidecar's user. */
  readonly exempt: () => number | undefined
  readonly changed: () => void
}

export class OldConnections {
  readonly #parts: OldConnectionsParts
  readonly #closed = new AbortController()
  #count = 0
  #counting = false
  #again = false

  constructor(parts: OldConnectionsParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#count
  }

  /** More is redirected now than before, or is again. */
  async watch(): Promise<void> {
    this.#again = true
    if (this.#counting) return
    this.#counting = true
    do {
      this.#again = false
      const count = await this.#look().catch(() => 0)
      if (count !== this.#count) {
        this.#count = count
        this.#parts.changed()
      }
      if (count > 0) await sleep(RECOUNT_MS, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {})
    } while ((this.#again || this.#count > 0) && !this.#closed.signal.aborted)
    this.#counting = false
  }

  close(): void {
    this.#closed.abort()
  }

  async #look(): Promise<number> {
    const first = await this.#past()
    if (first.size === 0) return 0
    await sleep(AGAIN_MS, undefined, { signal: this.#closed.signal, ref: false })
    return (await this.#past()).intersection(first).size
  }

  async #past(): Promise<ReadonlySet<string>> {
    const [one] = await this.#parts.processes()
    if (one === undefined) return new Set()
    const [connections, inner] = await Promise.all([openConnections(one.pid), innerUids(one.pid)])
    const exempt = this.#parts.exempt()
    const past = pastSidecar(connections, this.#parts.redirected, (uid) => inner(uid) === exempt)
    return new Set(past.map(({ local, remote }) => `${local} ${remote}`))
  }
}
