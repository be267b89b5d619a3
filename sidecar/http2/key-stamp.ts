// Adds the fork's own key to a request that carries none: traffic born in a sandbox stays in it.

import { hasRoomFor } from '../../core/baggage.ts'
import type { Carrier } from '../../core/carrier.ts'
import { equals } from './field-rules.ts'
import { BlockReader } from './hpack/block-reader.ts'
import { LiteralWriter } from './hpack/literal-writer.ts'

export class KeyStamp {
  readonly #carrier: Carrier | undefined
  readonly #header: Buffer
  readonly #reader = new BlockReader()
  readonly #writer = new LiteralWriter()

  /** The first baggage carrier takes the key, else the first one of all. */
  constructor(carriers: readonly Carrier[]) {
    this.#carrier = carriers.find(({ form }) => form === 'baggage') ?? carriers[0]
    this.#header = Buffer.from(this.#carrier?.header ?? '', 'latin1')
  }

  /** `block[start, end)`, which uses no dynamic table, with the key in the last field of the carrier's name, or in a new one. */
  stamp(block: Buffer, start: number, end: number, key: string): Buffer {
    const carrier = this.#carrier
    if (carrier === undefined) return block.subarray(start, end)
    const member = carrier.form === 'header' ? key : `${carrier.member}=${key}`
    const { place, behind } = this.#place(block, start, end, member)
    const reader = this.#reader
    const writer = this.#writer
    writer.reset()
    reader.start(block, start, end, undefined)
    while (reader.next()) {
      if (reader.fields !== place) {
        writer.field(reader)
        continue
      }
      const old = reader.value.toString('latin1', reader.valueStart, reader.valueEnd)
      const text = old === '' ? member : behind ? `${old},${member}` : `${member},${old}`
      const bytes = Buffer.from(text, 'latin1')
      writer.nameOf(reader)
      writer.value(bytes, 0, bytes.length)
    }
    if (place === 0) writer.literal(carrier.header, member)
    return writer.take()
  }

  /**
   * The field that takes the key, counted from 1; 0 if there is none. W3C Trace Context §3.5: what is new goes to the left; in baggage
   * behind the rest, as the last of a name wins, unless nobody would read that far.
   */
  #place(block: Buffer, start: number, end: number, member: string): { place: number; behind: boolean } {
    const reader = this.#reader
    const places: number[] = []
    const values: string[] = []
    reader.start(block, start, end, undefined)
    while (reader.next()) {
      if (!equals(reader.name, reader.nameStart, reader.nameEnd, this.#header)) continue
      places.push(reader.fields)
      values.push(reader.value.toString('latin1', reader.valueStart, reader.valueEnd))
    }
    const form = this.#carrier?.form
    const behind = form === 'header' || (form === 'baggage' && hasRoomFor(values.join(','), member))
    return { place: (behind ? places.at(-1) : places[0]) ?? 0, behind }
  }
}
