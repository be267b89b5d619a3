// One buffer that every socket of the data path is read into, one at a time.

import type { OnReadOpts, Socket } from 'node:net'

const BYTES = 64 * 1024

/** A socket whose full buffer took longer to work on lets the others have their turns before it is read again. */
const PATIENCE_MS = 1

/**
 * Without a buffer of ours each read would allocate 64 KiB to shrink it again: 2 µs a request, and tens of megabytes of fragmented heap under load.
 */
export class ReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BYTES)

  /** The socket that `make` makes for what it is given: it tells by 'data' what it has read, as any other does. */
  socket(make: (onread: OnReadOpts) => Socket): Socket {
    const emit = (bytes: Buffer): void => void socket.emit('data', bytes)
    const socket = make(this.onread(emit, () => socket))
    return socket
  }

  /**
   * For `net.connect`: `take` gets a copy of its own of whatever is read; `socket` tells whose it is. libuv reads a socket that fills the buffer up
   * to 32 times before it looks at another one: of frames that are all work, half a second. Where it is so, the socket waits for the next turn
   * of the event loop.
   */
  onread(take: (bytes: Buffer) => void, socket: () => Socket): OnReadOpts {
    return {
      buffer: this.#buffer,
      callback: (length) => {
        const bytes = Buffer.allocUnsafe(length)
        this.#buffer.copy(bytes, 0, 0, length)
        if (length < BYTES) {
          take(bytes)
          return true
        }
        const start = Date.now() // performance.now() would cost 0.5 MB
        take(bytes)
        if (Date.now() - start <= PATIENCE_MS) return true
        const whose = socket()
        // Unless it was paused: then whoever did that goes on with it.
        setImmediate(() => whose.isPaused() || whose.resume())
        return false
      },
    }
  }
}
