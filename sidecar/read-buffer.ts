// One buffer that every upstream socket is read into, one at a time.

import type { OnReadOpts } from 'node:net'

const BYTES = 64 * 1024

/**
 * Without a buffer of ours each read would allocate 64 KiB to shrink it again: 2 µs a request, and tens of megabytes of fragmented heap under load.
 */
export class ReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BYTES)

  /** For `net.connect`: `take` gets a copy of its own of whatever is read. */
  onread(take: (bytes: Buffer) => void): OnReadOpts {
    return {
      buffer: this.#buffer,
      callback: (length) => {
        const bytes = Buffer.allocUnsafe(length)
        this.#buffer.copy(bytes, 0, 0, length)
        take(bytes)
        return true
      },
    }
  }
}
