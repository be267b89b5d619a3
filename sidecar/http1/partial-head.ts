// Bytes that begin with a head whose end is still to come: what was in order of it once is not looked at again.

import { type FieldScanner, MAX_FIELD_LINES } from './fields.ts'
import { HeldBytes } from './held-bytes.ts'
import { LF } from './octets.ts'
import { MAX_HEAD_BYTES } from './request-head.ts'

/** A head that was scanned and is incomplete. */
export interface ScannedHead {
  readonly fields: FieldScanner
  readonly start: number
  /** 0 if the first line is incomplete. */
  readonly fieldsStart: number
}

/** Without it each line that comes on its own would cost a scan of all before it: seconds, where a thousand heads trickle in. */
export class PartialHead extends HeldBytes {
  readonly #lenient: boolean
  /** Where the next scan starts, if the first line is whole. */
  #from = 0
  /** How many whole field lines come before it. */
  #before = 0

  constructor(lenient: boolean) {
    super()
    this.#lenient = lenient
  }

  /** Notes how far `head`, which was scanned as incomplete just now, was in order. It starts with the bytes that are held. */
  scanned({ fields, start, fieldsStart }: ScannedHead): void {
    if (fieldsStart > 0) this.#note(fields, start)
  }

  /** Appends `chunk`, and says whether the whole is worth a scan: false only if that would find it incomplete. */
  due(chunk: Buffer, fields: FieldScanner): boolean {
    this.append(chunk)
    if (this.length > MAX_HEAD_BYTES) return true
    // Nothing new can be said of a line before it ends.
    if (!chunk.includes(LF)) return false
    // The next line of a response may continue the last whole one: alone it looks malformed, and the whole decides.
    if (this.#from === 0 || fields.scan(this.bytes, this.#from, this.#lenient) !== 'incomplete') return true
    this.#note(fields, 0)
    return this.#before >= MAX_FIELD_LINES
  }

  override take(): Buffer {
    this.#from = this.#before = 0
    return super.take()
  }

  #note(fields: FieldScanner, start: number): void {
    this.#before += fields.lines
    this.#from = fields.lastStart - start
  }
}
