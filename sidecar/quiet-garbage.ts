// Collects the garbage of requests while nobody waits for an answer: V8 would do it in the middle of one of them.

import type { InFlight } from './in-flight.ts'

/** They leave half a megabyte behind; V8 itself looks at 0.8, two times a second at 1,000 requests. */
const COLLECT_EVERY_REQUESTS = 300

/**
 * A collection of the young generation takes 0.2 ms. Under so much load that somebody always waits nothing is done here. Node must run with
 * `--expose-gc`; without it nothing happens.
 */
export class QuietGarbage {
  readonly #collect: NodeJS.GCFunction | undefined
  readonly #inFlight: InFlight
  #answered = 0

  constructor(collect: NodeJS.GCFunction | undefined, inFlight: InFlight) {
    this.#collect = collect
    this.#inFlight = inFlight
  }

  /** One more request is in flight no longer. */
  answered(): void {
    this.#answered++
    // Not before what has come is written, and everything else that came with it.
    if (this.#isTime()) setImmediate(() => this.#rest())
  }

  #isTime(): boolean {
    return this.#answered >= COLLECT_EVERY_REQUESTS && this.#inFlight.requests === 0
  }

  #rest(): void {
    if (!this.#isTime()) return
    this.#answered = 0
    this.#collect?.({ type: 'minor', execution: 'sync' })
  }
}
