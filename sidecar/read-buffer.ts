// One buffer that every socket of the data path is read into, one at a time.

import type { OnReadOpts, Socket } from 'node:net'

const BYTES = 64 * 1024

/** A client whose full buffer took so long to work on lets the others have their turns before it is read again. */
const PATIENCE_MS = 1

/**
 * Without a buffer of ours each read would allocate 64 KiB to shrink it again: 2 µs a request, and tens of megabytes of fragmented heap under load.
 */
export class ReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BYTES)

  /**
   * The socket that `make` makes for what it is given: it tells by 'data' what it has read, as any other does. libuv reads a socket that fills
   * the buffer up to 32 times before it looks at another one: of frames that are all work that would be a second. So the socket waits for the
   * next turn of the event loop where that matters.
   */
  socket(make: (onread: OnReadOpts) => Socket): Socket {
    const socket = make({
      buffer: this.#buffer,
      callback: (length) => {
        const bytes = this.#taken(length)
        if (length < BYTES) {
          socket.emit('data', bytes)
          return true
        }
        const start = performance.now()
        socket.emit('data', bytes)
        if (performance.now() - start < PATIENCE_MS) return true
        // Unless it was paused: then whoever did that goes on with it.
        setImmediate(() => socket.isPaused() || socket.resume())
        return false
      },
    })
    return socket
  }

  /** For `net.connect`: `take` gets a copy of its own of whatever is read. */
  onread(take: (bytes: Buffer) => void): OnReadOpts {
    return {
      buffer: this.#buffer,
      callback: (length) => {
        take(this.#taken(length))
        return true
      },
    }
  }

  #taken(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    this.#buffer.copy(bytes, 0, 0, length)
    return bytes
  }
}
