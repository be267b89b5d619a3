// Small messages of many connections wait for the end of the event loop's turn and are written one after the other.

import type { InFlight } from './in-flight.ts'

/** With fewer requests in flight there is little to write together, and the way to the end of the turn costs each of them 20 µs while caches are cold. */
const WORTHWHILE_REQUESTS = 8

/**
 * After so many turns of one message each so many are written at once, then it is tried again: the requests in flight may be long polls, which
 * nobody answers now.
 */
const LONELY_TURNS = 8
const AT_ONCE_AFTER_THEM = 256

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
  /** Turns in a row in which one message waited alone. */
  #lonely = 0
  /** Messages still to be written at once. */
  #atOnce = 0

  constructor(inFlight: InFlight) {
    this.#inFlight = inFlight
  }

  /** Whether the next message should wait. */
  takes(): boolean {
    if (this.#inFlight.requests < WORTHWHILE_REQUESTS) return false
    if (this.#atOnce === 0) return true
    this.#atOnce--
    return false
  }

  /** Flushes it at the end of this turn. */
  add(deferring: Deferring): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush())
    this.#waiting.push(deferring)
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#lonely = waiting.length === 1 ? this.#lonely + 1 : 0
    if (this.#lonely === LONELY_TURNS) {
      this.#lonely = 0
      this.#atOnce = AT_ONCE_AFTER_THEM
    }
    for (const each of waiting) each.flush()
  }
}
