// Bytes that came too early: half a head, or the requests behind the one in progress. Grows by doubling, never shares its memory.

const NOTHING: Buffer = Buffer.alloc(0)

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

  append(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    chunk.copy(this.#bytes, this.#length)
    this.#length = length
  }

  /** The bytes, for the caller to keep; nothing is held afterwards. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = NOTHING
    this.#length = 0
    return taken
  }
}
