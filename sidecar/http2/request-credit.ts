// The client's connection window: what comes in, what waits for upstreams, and when the client may send as much again.

import type { Http2Limits } from './limits.ts'
import type { Link } from './link.ts'
import { ReceiveWindow } from './receive-window.ts'

export class RequestCredit {
  readonly #window: ReceiveWindow
  readonly #most: number
  readonly #announce: (increment: number) => void
  #waiting = 0
  #owed = 0

  /** `announce` sends a WINDOW_UPDATE for the connection. */
  constructor(limits: Http2Limits, announce: (increment: number) => void) {
    this.#window = new ReceiveWindow(limits.connectionWindow)
    this.#most = limits.buffered
    this.#announce = announce
  }

  /** More waits than should. */
  get isCrowded(): boolean {
    return this.#waiting > this.#most
  }

  /** A DATA frame came. Throws FLOW_CONTROL_ERROR. */
  take(length: number): void {
    this.#window.take(length)
  }

  /**
   * It was passed on or queued. Credit comes back at once while little waits, so that no stream starves the others. What is not given
   * now is given by `waiting` or `drained`; nothing may count here that neither of them will report.
   */
  received(length: number, upstream: Link | undefined): void {
    const backlog = upstream?.isClogged === true ? upstream.backlog : 0
    if (this.#waiting + backlog > this.#most) this.#owed += length
    else this.#give(length)
  }

  /** An upstream's link has taken its backlog. */
  drained(): void {
    this.#pay()
  }

  /** `length` bytes of requests more wait in memory; negative: fewer. */
  waiting(length: number): void {
    this.#waiting += length
    if (length < 0) this.#pay()
  }

  #pay(): void {
    if (this.#owed === 0 || this.isCrowded) return
    const owed = this.#owed
    this.#owed = 0
    this.#give(owed)
  }

  #give(length: number): void {
    const increment = this.#window.give(length)
    if (increment > 0) this.#announce(increment)
  }
}
