// What one link is about to write: pieces of the chunks that were read, in order, gathered until they leave in one write.

import type { Socket } from 'node:net'

/** Up to this, pieces are copied into one buffer; above, they go out as they are in one `writev`. */
const COPIED_WRITE = 16_384

/** More pieces than this at once are rare: what holds them is not kept. */
const MOST_KEPT = 64

export class Pieces {
  readonly #buffers: Buffer[] = []
  /** Bounds of the pieces: frames that lie side by side in a chunk become one piece. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #count = 0

  put(bytes: Buffer, start: number, end: number): void {
    const last = this.#count - 1
    if (last >= 0 && this.#buffers[last] === bytes && this.#ends[last] === start) {
      this.#ends[last] = end
      return
    }
    this.#buffers[this.#count] = bytes
    this.#starts[this.#count] = start
    this.#ends[this.#count++] = end
  }

  /** Writes all of them, and is empty then. */
  write(socket: Socket): void {
    const count = this.#count
    if (count === 1) socket.write(this.#piece(0))
    else this.#writeAll(socket, count)
    this.clear()
  }

  clear(): void {
    // What stays in the array would keep a chunk of 64 KiB alive.
    if (this.#count > MOST_KEPT) this.#buffers.length = 0
    else for (let index = 0; index < this.#count; index++) this.#buffers[index] = NOTHING
    this.#count = 0
  }

  #writeAll(socket: Socket, count: number): void {
    let total = 0
    for (let index = 0; index < count; index++) total += this.#ends[index]! - this.#starts[index]!
    if (total > COPIED_WRITE) {
      socket.cork()
      for (let index = 0; index < count; index++) socket.write(this.#piece(index))
      socket.uncork()
      return
    }
    const whole = Buffer.allocUnsafe(total)
    let at = 0
    for (let index = 0; index < count; index++) {
      at += this.#buffers[index]!.copy(whole, at, this.#starts[index], this.#ends[index])
    }
    socket.write(whole)
  }

  #piece(index: number): Buffer {
    const piece = this.#buffers[index]!
    const start = this.#starts[index]!
    const end = this.#ends[index]!
    return start === 0 && end === piece.length ? piece : piece.subarray(start, end)
  }
}

const NOTHING = Buffer.alloc(0)

/** Those that are not in use. Links need them only while they have something to write: a few in all, however many connections there are. */
export class SparePieces {
  readonly #spare: Pieces[] = []

  take(): Pieces {
    return this.#spare.pop() ?? new Pieces()
  }

  /** `pieces` are empty. */
  giveBack(pieces: Pieces): void {
    if (this.#spare.length < MOST_KEPT) this.#spare.push(pieces)
  }
}
