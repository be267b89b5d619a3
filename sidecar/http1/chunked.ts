// Follows a chunked body through the bytes as they pass, to know where it ends; the bytes stay as they are (RFC 9112 §7.1).

import { CR, HEX, LF, SPACE, TAB, TOKEN, VALUE } from './octets.ts'

/** Bytes of chunk extensions or trailers in one body; past it somebody hides data there. */
export const MAX_CHUNK_OVERHEAD = 64 * 1024
const MAX_LINE = 16 * 1024

const SIZE_START = 0
const SIZE = 1
const EXTENSION = 2
const SIZE_SPACE = 13
const SIZE_LF = 3
const DATA = 4
const DATA_CR = 5
const DATA_LF = 6
const TRAILER_START = 7
const TRAILER_NAME = 8
const TRAILER_VALUE = 9
const TRAILER_LF = 10
const LAST_LF = 11
const DONE = 12

export class ChunkedBody {
  #state = SIZE_START
  /** Bytes of the current chunk's data that are still to come; while its size is read, the size so far. */
  #left = 0
  #line = 0
  #overhead = 0
  /** Why `consume` returned -1. */
  fault = ''
  /** A response: old servers pad the size with spaces. */
  readonly #lenient: boolean

  constructor(lenient: boolean) {
    this.#lenient = lenient
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /** The index after the last byte of the body in `bytes`, at most its length; -1 if the framing is broken. */
  consume(bytes: Buffer, start: number): number {
    if (this.done) return start
    const length = bytes.length
    let p = start
    while (p < length) {
      if (this.#state === DATA) {
        const take = Math.min(this.#left, length - p)
        p += take
        this.#left -= take
        if (this.#left === 0) this.#state = DATA_CR
        continue
      }
      if (!this.#step(bytes[p] as number)) return -1
      p++
      if (this.#state === DONE) return p
    }
    return p
  }

  #step(byte: number): boolean {
    switch (this.#state) {
      case SIZE_START:
      case SIZE:
        return this.#size(byte)
      case SIZE_SPACE:
        if (byte === 0x3b) this.#state = EXTENSION
        else if (byte === CR && this.#lenient) this.#state = SIZE_LF
        else if (byte !== SPACE && byte !== TAB) return this.#broken('white space after a chunk size')
        return this.#count('white space')
      case EXTENSION:
        if (byte === CR) this.#state = SIZE_LF
        else if (VALUE[byte] !== 1) return this.#broken('a control byte in a chunk extension')
        return this.#count('chunk extensions')
      case SIZE_LF:
        if (byte !== LF) return this.#broken('a chunk size that does not end with CRLF')
        this.#state = this.#left === 0 ? TRAILER_START : DATA
        return true
      case DATA_CR:
        this.#state = DATA_LF
        return byte === CR || this.#broken('a chunk that is longer than its size')
      case DATA_LF:
        this.#state = SIZE_START
        this.#left = 0
        this.#line = 0
        return byte === LF || this.#broken('a chunk that is longer than its size')
      case LAST_LF:
        this.#state = DONE
        return byte === LF || this.#broken('a trailer section that does not end with CRLF')
      default:
        return this.#trailer(byte)
    }
  }

  #size(byte: number): boolean {
    const digit = HEX[byte] as number
    if (digit !== 255) {
      if (++this.#line > 13) return this.#broken('a chunk size over 2^52')
      this.#left = this.#left * 16 + digit
      this.#state = SIZE
      return true
    }
    if (this.#state === SIZE_START) return this.#broken('a chunk without a size')
    this.#line = 0
    if (byte === CR) this.#state = SIZE_LF
    else if (byte === 0x3b) this.#state = EXTENSION
    else if (byte === SPACE || byte === TAB) this.#state = SIZE_SPACE
    else return this.#broken('a chunk size that is not hexadecimal')
    return true
  }

  #trailer(byte: number): boolean {
    switch (this.#state) {
      case TRAILER_START:
        this.#line = 0
        if (byte === CR) this.#state = LAST_LF
        else if (TOKEN[byte] === 1) this.#state = TRAILER_NAME
        else return this.#broken('a trailer line without a name')
        break
      case TRAILER_NAME:
        if (byte === 0x3a) this.#state = TRAILER_VALUE
        else if (TOKEN[byte] !== 1) return this.#broken('a byte in a trailer name that is not allowed there')
        break
      case TRAILER_VALUE:
        if (byte === CR) this.#state = TRAILER_LF
        else if (VALUE[byte] !== 1) return this.#broken('a control byte in a trailer')
        break
      default:
        if (byte !== LF) return this.#broken('a trailer line that does not end with CRLF')
        this.#state = TRAILER_START
    }
    return this.#count('trailers')
  }

  #count(what: string): boolean {
    this.#overhead++
    this.#line++
    if (this.#line > MAX_LINE || this.#overhead > MAX_CHUNK_OVERHEAD)
      return this.#broken(`more ${what} than any sender needs`)
    return true
  }

  #broken(fault: string): boolean {
    this.fault = fault
    return false
  }
}
