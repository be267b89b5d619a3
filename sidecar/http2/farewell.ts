// The end of a client's connection in good order (RFC 9113 §6.8): no new streams, those that are open finish, then it closes.

import type { ClientFrames } from './client-frames.ts'
import type { Downstream } from './downstream.ts'
import { ErrorCode } from './error-code.ts'
import { MAX_WINDOW, goawayFrame, pingFrame } from './frame.ts'

/** How long a client may take to acknowledge that the end is near. */
const DRAIN_MS = 1_000

export class Farewell {
  readonly #client: Downstream
  /** Streams above this are ignored: GOAWAY said so. */
  lastAccepted = MAX_WINDOW
  #begun = false
  #timer: NodeJS.Timeout | undefined

  constructor(client: Downstream) {
    this.#client = client
  }

  /** Says that the end is near, and has the last word when the client's acknowledgement tells which streams were on their way. */
  begin(frames: ClientFrames): void {
    const client = this.#client
    if (this.#begun || client.closed) return
    this.#begun = true
    client.link.send(goawayFrame(MAX_WINDOW, ErrorCode.noError))
    client.link.send(pingFrame(false, Buffer.alloc(8)))
    frames.onPingAck = () => this.leave()
    this.#timer = setTimeout(() => this.leave(), DRAIN_MS)
    client.outlets.flush()
  }

  /** The last word about new streams; the connection closes when those that are open have finished. */
  leave(): void {
    const client = this.#client
    if (client.closed || this.lastAccepted !== MAX_WINDOW) return
    this.#begun = true
    this.lastAccepted = client.lastId
    clearTimeout(this.#timer)
    client.link.send(goawayFrame(client.lastId, ErrorCode.noError))
    this.closeIfDone()
    client.outlets.flush()
  }

  closeIfDone(): void {
    if (this.lastAccepted !== MAX_WINDOW && this.#client.streams.size === 0) this.#client.close()
  }

  /** The connection has ended in another way. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
