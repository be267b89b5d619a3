// The connection window of one upstream session: what it sends, and when it may send as much again.

import type { Http2Limits } from './limits.ts'
import type { Link } from './link.ts'
import { ReceiveWindow } from './receive-window.ts'

export class ResponseCredit {
  readonly #window: ReceiveWindow
  readonly #client: Link
  readonly #announce: (increment: number) => void
  /** Credit that the client's socket must first make room for. */
  #owed = 0

  /** `announce` sends a WINDOW_UPDATE for the connection. */
  constructor(limits: Http2Limits, client: Link, announce: (increment: number) => void) {
    this.#window = new ReceiveWindow(limits.connectionWindow)
    this.#client = client
    this.#announce = announce
  }

  /** A DATA frame came. Throws FLOW_CONTROL_ERROR. */
  take(length: number): void {
    this.#window.take(length)
  }

  /** Bytes have gone to the client, or nowhere: as many may come again. */
  give(length: number): void {
    if (this.#client.isClogged) {
      this.#owed += length
      return
    }
    const increment = this.#window.give(length)
    if (increment > 0) this.#announce(increment)
  }

  /** The client's socket has made room. */
  pay(): void {
    const owed = this.#owed
    this.#owed = 0
    if (owed > 0) this.give(owed)
  }
}
