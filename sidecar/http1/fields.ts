// Scans the field lines of a head or of trailers: strict for what clients send, lenient where RFC 9112 lets a proxy mend a response.

import { CR, COLON, LF, SPACE, TAB, TOKEN, VALUE, isName } from './octets.ts'

/** The fields whose value decides framing, routing or the life of the connection. */
const KNOWN = [
  'host',
  'expect',
  'upgrade',
  'connection',
  'content-length',
  'http2-settings',
  'transfer-encoding',
] as const

export type KnownField = (typeof KNOWN)[number]

export const MAX_FIELD_LINES = 1000

/** `incomplete`: the bytes end before the empty line does. */
export type FieldsOutcome = 'complete' | 'incomplete' | 'too-many' | 'malformed'

const STRIDE = 4

/**
 * One scanner serves all connections: what it found is valid until the next scan, and holds positions in the scanned bytes, not copies.
 * `watched` are further field names (lower-case) to find lines of: the carriers of routing keys.
 */
export class FieldScanner {
  /** Lines found: name start, name end, value start, value end (white space around it left out). */
  readonly #at = new Int32Array(MAX_FIELD_LINES * STRIDE)
  readonly #known: readonly (readonly { readonly name: Uint8Array; readonly slot: number }[])[]
  /** By slot: the last line of that name plus one, and how many lines there were. */
  readonly #last: Int32Array
  readonly #count: Int32Array
  readonly #slots: readonly string[]
  /** Positions of white space between a name and its colon, in responses: it must not be forwarded (RFC 9112 §5.1). */
  readonly gaps: number[] = []
  lines = 0
  /** After the empty line, if complete. */
  end = 0
  /** Where the empty line starts; if `incomplete`, the first line that is not whole. */
  lastStart = 0
  /** Why the outcome is `malformed`, as the end of the sentence "the request has …". */
  fault = ''

  constructor(watched: readonly string[]) {
    this.#slots = [...new Set([...KNOWN, ...watched])]
    const byLength: { name: Uint8Array; slot: number }[][] = []
    for (const [slot, name] of this.#slots.entries())
      (byLength[name.length] ??= []).push({ name: Buffer.from(name), slot })
    this.#known = Array.from(byLength, (each) => each ?? [])
    this.#last = new Int32Array(this.#slots.length)
    this.#count = new Int32Array(this.#slots.length)
  }

  /** Scans from the start of the first field line. `lenient`: a response, see the file's first line. */
  scan(bytes: Buffer, start: number, lenient: boolean): FieldsOutcome {
    // fill() costs more than it saves for so few.
    for (let slot = 0; slot < this.#last.length; slot++) this.#last[slot] = this.#count[slot] = 0
    this.lines = 0
    if (this.gaps.length > 0) this.gaps.length = 0
    const length = bytes.length
    let p = start
    for (;;) {
      const first = bytes[p]
      this.lastStart = p
      if (first === CR) {
        if (p + 1 >= length) return 'incomplete'
        if (bytes[p + 1] !== LF) return this.#malformed('a carriage return without a line feed')
        this.end = p + 2
        return 'complete'
      }
      if (first === LF) {
        if (!lenient) return this.#malformed('a line that ends in a bare line feed')
        this.end = p + 1
        return 'complete'
      }
      if (p >= length) return 'incomplete'
      if (this.lines === MAX_FIELD_LINES) return 'too-many'
      const nameStart = p
      while (TOKEN[bytes[p] as number] === 1) p++
      const nameEnd = p
      if (p >= length) return 'incomplete'
      if (bytes[p] !== COLON) {
        if (nameEnd === nameStart && (bytes[p] === SPACE || bytes[p] === TAB))
          return this.#malformed('a folded header line')
        if (lenient && nameEnd > nameStart) while (bytes[p] === SPACE || bytes[p] === TAB) p++
        if (bytes[p] !== COLON) {
          if (p >= length) return 'incomplete'
          return this.#malformed(nameFault(bytes, p))
        }
        this.gaps.push(nameEnd, p)
      }
      if (nameEnd === nameStart) return this.#malformed('a header line without a name')
      p++
      while (bytes[p] === SPACE || bytes[p] === TAB) p++
      const valueStart = p
      for (;;) {
        while (VALUE[bytes[p] as number] === 1) p++
        if (p >= length) return 'incomplete'
        const stop = p
        if (bytes[p] === CR) {
          if (p + 1 >= length) return 'incomplete'
          if (bytes[p + 1] !== LF) return this.#malformed('a carriage return without a line feed')
          p += 2
        } else if (bytes[p] === LF) {
          if (!lenient) return this.#malformed('a line that ends in a bare line feed')
          p++
        } else return this.#malformed('a control byte in a header value')
        if (bytes[p] !== SPACE && bytes[p] !== TAB) {
          this.#line(bytes, nameStart, nameEnd, valueStart, stop)
          break
        }
        if (!lenient) return this.#malformed('a folded header line')
        while (bytes[p] === SPACE || bytes[p] === TAB) p++
        bytes.fill(SPACE, stop, p) // RFC 9112 §5.2: a proxy replaces each obs-fold in a response with spaces
      }
    }
  }

  /** How many lines the field has. */
  count(field: string): number {
    return this.#count[this.#slot(field)] ?? 0
  }

  /** The field's values, its lines joined with a comma and a space; undefined if there is none. One byte a character. */
  value(bytes: Buffer, field: string): string | undefined {
    const slot = this.#slot(field)
    const last = this.#last[slot] ?? 0
    if (last === 0) return undefined
    if (this.#count[slot] === 1) return this.#text(bytes, last - 1)
    return this.linesOf(bytes, field)
      .map((line) => this.#text(bytes, line))
      .join(', ')
  }

  /** Whether the field has one line with exactly this value. */
  is(bytes: Buffer, field: KnownField, value: Uint8Array): boolean {
    const slot = this.#slot(field)
    if (this.#count[slot] !== 1) return false
    const line = ((this.#last[slot] as number) - 1) * STRIDE
    const start = this.#at[line + 2] as number
    if ((this.#at[line + 3] as number) - start !== value.length) return false
    for (let i = 0; i < value.length; i++) if (bytes[start + i] !== value[i]) return false
    return true
  }

  /** The number of the field's last line, or -1. */
  lastLineOf(field: KnownField): number {
    return (this.#last[this.#slot(field)] ?? 0) - 1
  }

  /** The numbers of the field's lines, in order. Any field, known or not. */
  linesOf(bytes: Buffer, field: string): readonly number[] {
    const name = Buffer.from(field)
    const found: number[] = []
    for (let line = 0; line < this.lines; line++) {
      const start = this.#at[line * STRIDE] as number
      if ((this.#at[line * STRIDE + 1] as number) - start === name.length && isName(bytes, start, name))
        found.push(line)
    }
    return found
  }

  /** The line's value, one byte a character. */
  #text(bytes: Buffer, line: number): string {
    return bytes.toString('latin1', this.#at[line * STRIDE + 2], this.#at[line * STRIDE + 3])
  }

  /** At the first byte of the line's name. */
  lineStart(line: number): number {
    return this.#at[line * STRIDE] as number
  }

  /** After the line's line end. */
  lineEnd(line: number): number {
    return line + 1 < this.lines ? this.lineStart(line + 1) : this.lastStart
  }

  valueStart(line: number): number {
    return this.#at[line * STRIDE + 2] as number
  }

  valueEnd(line: number): number {
    return this.#at[line * STRIDE + 3] as number
  }

  /** A look at ten pointers, since names are constants; indexOf() would be a call. */
  #slot(field: string): number {
    for (let slot = 0; slot < this.#slots.length; slot++) if (this.#slots[slot] === field) return slot
    return -1
  }

  #line(bytes: Buffer, nameStart: number, nameEnd: number, valueStart: number, stop: number): void {
    let valueEnd = stop
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd--
    const at = this.lines * STRIDE
    this.#at[at] = nameStart
    this.#at[at + 1] = nameEnd
    this.#at[at + 2] = valueStart
    this.#at[at + 3] = valueEnd
    this.lines++
    const candidates = this.#known[nameEnd - nameStart]
    if (candidates === undefined) return
    for (const { name, slot } of candidates) {
      if (!isName(bytes, nameStart, name)) continue
      this.#last[slot] = this.lines
      this.#count[slot] = (this.#count[slot] as number) + 1
      return
    }
  }

  #malformed(fault: string): FieldsOutcome {
    this.fault = fault
    return 'malformed'
  }
}

function nameFault(bytes: Buffer, at: number): string {
  const byte = bytes[at] as number
  if (byte === SPACE || byte === TAB) return 'white space before a colon'
  if (byte === CR || byte === LF) return 'a header line without a colon'
  return byte < SPACE || byte === 0x7f
    ? 'a control byte in a header name'
    : 'a byte in a header name that is not allowed there'
}
