// Adds the fork's own key to a request that carries none: traffic born in a sandbox stays in it.

import type { Carrier } from '../../core/carrier.ts'
import { placeKey, stampedCarrier } from '../../core/key-place.ts'
import { equals } from './field-rules.ts'
import { BlockReader } from './hpack/block-reader.ts'
import { LiteralWriter } from './hpack/literal-writer.ts'

export class KeyStamp {
  readonly #carrier: Carrier | undefined
  readonly #header: Buffer
  readonly #reader = new BlockReader()
  readonly #writer = new LiteralWriter()

  constructor(carriers: readonly Carrier[]) {
    this.#carrier = stampedCarrier(carriers)
    this.#header = Buffer.from(this.#carrier?.header ?? '', 'latin1')
  }

  /** `block[start, end)`, which uses no dynamic table, with the key in the field of the carrier's name, or in a new one. */
  stamp(block: Buffer, start: number, end: number, key: string): Buffer {
    const carrier = this.#carrier
    if (carrier === undefined) return block.subarray(start, end)
    const reader = this.#reader
    /** The fields of the carrier's name, counted from 1 among all. */
    const fields: number[] = []
    const values: string[] = []
    reader.start(block, start, end, undefined)
    while (reader.next()) {
      if (!equals(reader.name, reader.nameStart, reader.nameEnd, this.#header)) continue
      fields.push(reader.fields)
      values.push(reader.value.toString('latin1', reader.valueStart, reader.valueEnd))
    }
    const { line, value } = placeKey(carrier, values, key)
    const place = fields[line]
    const writer = this.#writer
    writer.reset()
    reader.start(block, start, end, undefined)
    while (reader.next()) {
      if (reader.fields !== place) {
        writer.field(reader)
        continue
      }
      const bytes = Buffer.from(value, 'latin1')
      writer.nameOf(reader)
      writer.value(bytes, 0, bytes.length)
    }
    if (place === undefined) writer.literal(carrier.header, value)
    return writer.take()
  }
}
