// Counts the connections of a pod that came by its redirects, which have to end before those can go.

import type { PodProcess } from './process-finder.ts'
import { openConnections, throughSidecar } from './sockets.ts'

/** How long a count is worth something. */
const RECOUNT_MS = 1000

export class RedirectedConnections {
  readonly #processes: () => Promise<readonly PodProcess[]>
  readonly #changed: () => void
  #count: number | undefined
  #timer: NodeJS.Timeout | undefined

  /** `changed`: they are to be counted again. */
  constructor(processes: () => Promise<readonly PodProcess[]>, changed: () => void) {
    this.#processes = processes
    this.#changed = changed
  }

  /** Undefined if nobody has looked, or not lately. */
  get count(): number | undefined {
    return this.#count
  }

  async look(): Promise<void> {
    const [one] = await this.#processes()
    this.#count = one === undefined ? 0 : throughSidecar(await openConnections(one.pid)).length
    if (this.#count === 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#count = undefined
      this.#changed()
    }, RECOUNT_MS).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}
