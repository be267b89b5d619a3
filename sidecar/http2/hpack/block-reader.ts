// Walks the fields of one header block (RFC 7541 §6) and shows each as bytes where they lie; it makes no strings and no objects.

import { type DynamicTable, ENTRY_OVERHEAD } from './dynamic-table.ts'
import { decodedRoom, decodeHuffman } from './huffman.ts'
import { STATIC_BYTES, STATIC_LENGTH, STATIC_NAME_START, STATIC_VALUE_END, STATIC_VALUE_START } from './static-table.ts'

const EMPTY: Buffer = Buffer.alloc(0)

/**
 * One instance serves a whole process, one block at a time: `start`, then `next` until it says false, then see `broken`.
 * The bytes of a field are valid until the next call.
 */
export class BlockReader {
  /** The whole field is this static entry; 0 if it is not. */
  staticField = 0
  /** The name is this static entry's; 0 if it is spelled out or comes from the dynamic table. */
  staticName = 0
  name: Buffer = EMPTY
  nameStart = 0
  nameEnd = 0
  value: Buffer = EMPTY
  valueStart = 0
  valueEnd = 0
  /** §7.1.3: must stay a literal on every hop. */
  neverIndexed = false
  /** The block cannot be decoded, which ends the connection (COMPRESSION_ERROR). */
  broken = false
  fields = 0
  /** As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113 §6.5.2). */
  listSize = 0

  #block: Buffer = EMPTY
  #at = 0
  #end = 0
  #table: DynamicTable | undefined
  /** Bounds of the string read last. */
  #text: Buffer = EMPTY
  #textStart = 0
  #textEnd = 0
  #nameRoom: Buffer = Buffer.allocUnsafeSlow(512)
  #valueRoom: Buffer = Buffer.allocUnsafeSlow(4096)

  /** Without a table (its size is 0) an index into it is an error, and fields that ask to be indexed are not. */
  start(block: Buffer, start: number, end: number, table: DynamicTable | undefined): void {
    this.#block = block
    this.#at = start
    this.#end = end
    this.#table = table
    this.fields = 0
    this.listSize = 0
    this.broken = false
    while (this.#at < end && (block[this.#at]! & 0xe0) === 0x20) {
      const size = this.#integer(31)
      if (size < 0 || !(table === undefined ? size === 0 : table.resize(size))) {
        this.broken = true
        return
      }
    }
  }

  /** Shows the next field; false at the end of the block or where it is broken. */
  next(): boolean {
    if (this.#at >= this.#end || this.broken) return false
    const first = this.#block[this.#at]!
    const found = first >= 0x80 ? this.#indexed() : this.#literal(first)
    if (!found) {
      this.broken = true
      return false
    }
    this.fields++
    this.listSize += this.nameEnd - this.nameStart + (this.valueEnd - this.valueStart) + ENTRY_OVERHEAD
    return true
  }

  #indexed(): boolean {
    const index = this.#integer(127)
    this.neverIndexed = false
    if (index <= STATIC_LENGTH) {
      if (index <= 0) return false
      this.staticField = index
      this.#useStaticName(index)
      this.value = STATIC_BYTES
      this.valueStart = STATIC_VALUE_START[index]!
      this.valueEnd = STATIC_VALUE_END[index]!
      return true
    }
    this.staticField = 0
    if (!this.#useTableName(index)) return false
    this.value = this.name
    this.valueStart = this.nameEnd
    this.valueEnd = this.value.length
    return true
  }

  #literal(first: number): boolean {
    // A size update after the first field is an error (§4.2).
    if ((first & 0xe0) === 0x20) return false
    const added = first >= 0x40
    const index = this.#integer(added ? 63 : 15)
    this.staticField = 0
    this.neverIndexed = !added && (first & 0x10) !== 0
    if (index === 0) {
      if (!this.#string(true)) return false
      this.staticName = 0
      this.name = this.#text
      this.nameStart = this.#textStart
      this.nameEnd = this.#textEnd
    } else if (index < 0) return false
    else if (index <= STATIC_LENGTH) this.#useStaticName(index)
    else if (!this.#useTableName(index)) return false
    if (!this.#string(false)) return false
    this.value = this.#text
    this.valueStart = this.#textStart
    this.valueEnd = this.#textEnd
    if (added && this.#table !== undefined) this.#remember(this.#table)
    return true
  }

  #useStaticName(index: number): void {
    this.staticName = index
    this.name = STATIC_BYTES
    this.nameStart = STATIC_NAME_START[index]!
    this.nameEnd = STATIC_VALUE_START[index]!
  }

  #useTableName(index: number): boolean {
    const entry = this.#table?.get(index - STATIC_LENGTH - 1)
    if (entry === undefined) return false
    this.staticName = 0
    this.name = entry.bytes
    this.nameStart = 0
    this.nameEnd = entry.nameLength
    return true
  }

  #remember(table: DynamicTable): void {
    const nameLength = this.nameEnd - this.nameStart
    const bytes = Buffer.allocUnsafeSlow(nameLength + this.valueEnd - this.valueStart)
    this.name.copy(bytes, 0, this.nameStart, this.nameEnd)
    this.value.copy(bytes, nameLength, this.valueStart, this.valueEnd)
    table.add({ bytes, nameLength })
  }

  /** §5.1, with the prefix `mask` (2^n - 1); -1 if it is cut off or has more than 28 bits. */
  #integer(mask: number): number {
    let value = this.#block[this.#at++]! & mask
    if (value < mask) return value
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#at >= this.#end) return -1
      const byte = this.#block[this.#at++]!
      value += (byte & 127) << shift
      if (byte < 128) return value
    }
    return -1
  }

  /** §5.2. A raw string stays where it is; a Huffman-coded one is decoded into this reader's own room. */
  #string(isName: boolean): boolean {
    if (this.#at >= this.#end) return false
    const huffman = this.#block[this.#at]! >= 0x80
    const length = this.#integer(127)
    const start = this.#at
    const end = start + length
    if (length < 0 || end > this.#end) return false
    this.#at = end
    if (!huffman) {
      this.#text = this.#block
      this.#textStart = start
      this.#textEnd = end
      return true
    }
    const room = this.#room(isName, decodedRoom(length))
    const decoded = decodeHuffman(this.#block, start, end, room)
    this.#text = room
    this.#textStart = 0
    this.#textEnd = decoded
    return decoded >= 0
  }

  #room(isName: boolean, needed: number): Buffer {
    const room = isName ? this.#nameRoom : this.#valueRoom
    if (room.length >= needed) return room
    const larger = Buffer.allocUnsafeSlow(needed * 2)
    if (isName) this.#nameRoom = larger
    else this.#valueRoom = larger
    return larger
  }
}
