// Writes header blocks that need no table on the other side: static indexes and raw literals without indexing (RFC 7541 §6.2.2).

import type { BlockReader } from './block-reader.ts'

const WITHOUT_INDEXING = 0x00
const NEVER_INDEXED = 0x10

export class LiteralWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(1024)
  #length = 0

  reset(): void {
    this.#length = 0
  }

  /** A copy of what has been written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length))
  }

  /** The field that `reader` shows, as it is; what must never be indexed stays so. */
  field(reader: BlockReader): void {
    if (reader.staticField !== 0) {
      this.#room(1)
      this.#bytes[this.#length++] = 0x80 | reader.staticField
      return
    }
    this.nameOf(reader)
    this.value(reader.value, reader.valueStart, reader.valueEnd)
  }

  /** The beginning of a literal with the name that `reader` shows; `value` must follow. */
  nameOf(reader: BlockReader): void {
    const form = reader.neverIndexed ? NEVER_INDEXED : WITHOUT_INDEXING
    this.#room(8)
    this.#integer(form, 15, reader.staticName)
    if (reader.staticName === 0) this.value(reader.name, reader.nameStart, reader.nameEnd)
  }

  /** A string without Huffman code: the next hop is a loopback or a pod's link, and reading it is cheaper. */
  value(text: Buffer, start: number, end: number): void {
    this.#room(8 + end - start)
    this.#integer(0, 127, end - start)
    text.copy(this.#bytes, this.#length, start, end)
    this.#length += end - start
  }

  /** A field of the sidecar's own. */
  literal(name: string, value: string): void {
    this.#room(8)
    this.#bytes[this.#length++] = WITHOUT_INDEXING
    this.#text(name)
    this.#text(value)
  }

  #text(text: string): void {
    const bytes = Buffer.from(text, 'latin1')
    this.value(bytes, 0, bytes.length)
  }

  #integer(form: number, mask: number, value: number): void {
    if (value < mask) {
      this.#bytes[this.#length++] = form | value
      return
    }
    this.#bytes[this.#length++] = form | mask
    let rest = value - mask
    for (; rest >= 128; rest >>>= 7) this.#bytes[this.#length++] = (rest & 127) | 128
    this.#bytes[this.#length++] = rest
  }

  #room(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(needed * 2)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** The block of a message that the sidecar makes itself; names in lower case, values in Latin-1. */
export function literalBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const writer = new LiteralWriter()
  for (const [name, value] of fields) writer.literal(name, value)
  return writer.take()
}
