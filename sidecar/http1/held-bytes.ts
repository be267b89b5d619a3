// Bytes that came too early: half a head, or the requests behind the one in progress. Never shares its memory.

const NOTHING: Buffer = Buffer.alloc(0)

/** It grows by doubling, and from here on by this much: what is reserved counts as held, and connections may grow together. */
const STEP = 4096

export class HeldBytes {
  #bytes = NOTHING
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Bytes of memory that it takes. */
  get size(): number {
    return this.#bytes.length
  }

  /** The bytes, until the next call. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  append(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length + Math.min(this.#bytes.length, STEP)))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    chunk.copy(this.#bytes, this.#length)
    this.#length = length
  }

  /** The bytes, for the caller to keep; nothing is held afterwards. */
  take(): Buffer {
    const taken = this.bytes
    this.#bytes = NOTHING
    this.#length = 0
    return taken
  }
}
