// Small messages of many connections wait for the end of the event loop's turn and are written one after the other.

import type { InFlight } from './in-flight.ts'

/** With fewer requests in flight there is little to write together, and the way to the end of the turn costs each of them 20 µs while caches are cold. */
const WORTHWHILE_REQUESTS = 8

export interface Deferring {
  /** Writes what was deferred, if something still is. */
  flush(): void
}

/**
 * The kernel's code for sending and this program's for deciding do not fit into the processor's nearest cache together. Sending everything at
 * once, each is fetched once a turn and not once a request: a tenth to a fifth of its CPU (ADR 16).
 */
export class DeferredWrites {
  readonly #inFlight: InFlight
  #waiting: Deferring[] = []

  constructor(inFlight: InFlight) {
    this.#inFlight = inFlight
  }

  get worthwhile(): boolean {
    return this.#inFlight.requests >= WORTHWHILE_REQUESTS
  }

  /** Flushes it at the end of this turn. */
  add(deferring: Deferring): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush())
    this.#waiting.push(deferring)
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const each of waiting) each.flush()
  }
}
