// The connection window that the sidecar gives a peer: checks what comes, and announces credit in steps worth a frame.

import { ConnectionError, ErrorCode } from './error-code.ts'

export class ReceiveWindow {
  readonly #step: number
  #left: number
  #due = 0

  constructor(size: number) {
    this.#left = size
    this.#step = size >> 2
  }

  /** A DATA frame of `length` bytes came, padding included (RFC 9113 §6.9.1). */
  take(length: number): void {
    this.#left -= length
    if (this.#left < 0) throw new ConnectionError(ErrorCode.flowControl, 'more DATA than the connection window')
  }

  /** `length` bytes may come again; returns the increment to announce now, 0 if it can wait. */
  give(length: number): number {
    this.#due += length
    if (this.#due < this.#step) return 0
    const increment = this.#due
    this.#due = 0
    this.#left += increment
    return increment
  }
}
