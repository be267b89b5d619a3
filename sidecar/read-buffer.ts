// One buffer that every socket of the data path is read into, one at a time.

import type { OnReadOpts, Socket } from 'node:net'

const BYTES = 64 * 1024

/**
 * Without a buffer of ours each read would allocate 64 KiB to shrink it again: 2 µs a request, and tens of megabytes of fragmented heap under load.
 */
export class ReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BYTES)

  /** The socket that `make` makes for what it is given: it tells by 'data' what it has read, as any other does. */
  socket(make: (onread: OnReadOpts) => Socket): Socket {
    const socket = make(this.onread((bytes) => socket.emit('data', bytes)))
    return socket
  }

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
