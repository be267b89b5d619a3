// Scans a response head: status, fields, and whether the connection ends with it (RFC 9112 §4, §9.3).

import { FieldScanner } from './fields.ts'
import { CR, LF, SPACE, VALUE } from './octets.ts'
import { MAX_HEAD_BYTES } from './request-head.ts'

const VERSION = Buffer.from('HTTP/1.')

export class ResponseHead {
  readonly fields = new FieldScanner([])
  status = 0
  minor = 1
  start = 0
  end = 0
  /** After the status line. */
  fieldsStart = 0
  fault = ''

  scan(bytes: Buffer, start: number): 'complete' | 'incomplete' | 'refused' {
    this.start = start
    this.fieldsStart = 0
    const line = this.#scanLine(bytes, start)
    const outcome = line === 'complete' ? this.fields.scan(bytes, this.fieldsStart, true) : line
    switch (outcome) {
      case 'complete':
        this.end = this.fields.end
        return this.end - start > MAX_HEAD_BYTES ? this.#refuse('more than 128 KiB of head') : 'complete'
      case 'incomplete':
        return bytes.length - start > MAX_HEAD_BYTES ? this.#refuse('more than 128 KiB of head') : 'incomplete'
      case 'too-many':
        return this.#refuse('more than 1,000 header lines')
      case 'malformed':
        return this.#refuse(this.fields.fault)
      case 'refused':
        return 'refused'
    }
  }

  #scanLine(bytes: Buffer, start: number): 'complete' | 'incomplete' | 'refused' {
    const length = bytes.length
    for (let i = 0; i < VERSION.length; i++) {
      if (start + i >= length) return 'incomplete'
      if (bytes[start + i] !== VERSION[i]) return this.#refuse('no status line')
    }
    if (start + 13 > length) {
      // A line end this early can only be a fault, and waiting for more bytes would leave the client without an answer.
      return bytes.includes(LF, start) ? this.#refuse('no status code') : 'incomplete'
    }
    const p = start + 7
    this.minor = (bytes[p] as number) - 0x30
    if (this.minor < 0 || this.minor > 9 || bytes[p + 1] !== SPACE) return this.#refuse('no status line')
    this.status = digit(bytes, p + 2) * 100 + digit(bytes, p + 3) * 10 + digit(bytes, p + 4)
    if (!(this.status >= 100 && this.status <= 999)) return this.#refuse('no status code')
    let q = p + 5
    if (bytes[q] !== SPACE && bytes[q] !== CR && bytes[q] !== LF) return this.#refuse('no status code')
    while (VALUE[bytes[q] as number] === 1) q++
    if (q >= length || (bytes[q] === CR && q + 1 >= length)) return 'incomplete'
    if (bytes[q] === CR) q++
    if (bytes[q] !== LF) return this.#refuse('a control byte in the status line')
    this.fieldsStart = q + 1
    return 'complete'
  }

  #refuse(fault: string): 'refused' {
    this.fault = fault
    return 'refused'
  }
}

function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] as number) - 0x30
  return value >= 0 && value <= 9 ? value : Number.NaN
}
