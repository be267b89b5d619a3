// Tells a flood from traffic: frames that carry nothing are allowed as long as frames that carry something come between them.

import { ConnectionError, ErrorCode } from './error-code.ts'
import type { Http2Limits } from './limits.ts'

/** How many empty frames one useful frame makes up for. */
const PER_USEFUL_FRAME = 10

export class FloodGuard {
  readonly #limits: Http2Limits
  #idle = 0
  #resets = 0
  #since = Date.now()

  constructor(limits: Http2Limits) {
    this.#limits = limits
  }

  /** HEADERS, or DATA with a payload. */
  useful(): void {
    if (this.#idle > 0) this.#idle -= PER_USEFUL_FRAME
  }

  /**
   * PING, SETTINGS, empty DATA and the like. No rate: clients that measure bandwidth send a PING for every round trip
   * (gRPC), thousands a second, but DATA with each. `work` is what one of them costs, as a multiple of a PING.
   */
  idle(what: string, work = 1): void {
    if (this.#idle < 0) this.#idle = 0
    this.#idle += work
    if (this.#idle > this.#limits.idleFrames) throw new ConnectionError(ErrorCode.enhanceYourCalm, `a flood of ${what}`)
  }

  /** A stream that the client opened and reset before it was answered (CVE-2023-44487). */
  reset(): void {
    if (++this.#resets <= this.#limits.resets) return
    const now = Date.now()
    this.#resets -= Math.floor(((now - this.#since) / 1000) * this.#limits.resetsPerSecond)
    this.#since = now
    if (this.#resets > this.#limits.resets) throw new ConnectionError(ErrorCode.enhanceYourCalm, 'a flood of resets')
    if (this.#resets < 0) this.#resets = 0
  }
}
