// Scans a request head: its line, its fields and everything about it that must be refused (RFC 9112 §2, §3, §5).

import type { Refusal } from '../refusal.ts'
import { FieldScanner } from './fields.ts'
import { isHost } from '../host.ts'
import { CR, LF, SPACE, TARGET, TOKEN } from './octets.ts'
import { type Target, readTarget } from './target.ts'

export const MAX_HEAD_BYTES = 128 * 1024

/** A request line this long is refused as too large, not held back: the whole head is bounded by MAX_HEAD_BYTES. */
const ORIGIN: Target = { form: 'origin' }

export class RequestHead {
  readonly fields: FieldScanner
  method = ''
  target: Target = ORIGIN
  /** 0 or 1: the minor version. */
  minor = 1
  /** From the first byte of the method to after the empty line. */
  start = 0
  end = 0
  fieldsStart = 0
  #refusal: Refusal | undefined
  #validHost: Uint8Array = new Uint8Array(0)

  constructor(watched: readonly string[]) {
    this.fields = new FieldScanner([...watched, 'accept'])
  }

  /** Why the last scan was refused. */
  get refusal(): Refusal {
    return this.#refusal ?? { code: 'ST1001', detail: '' }
  }

  /** As it was sent, of the head that was scanned last. One byte a character. */
  targetText(bytes: Buffer): string {
    const targetStart = bytes.indexOf(SPACE, this.start) + 1
    return bytes.toString('latin1', targetStart, bytes.indexOf(SPACE, targetStart))
  }

  /** Scans the head that starts at `start`, after any empty lines. `incomplete` asks for more bytes and remembers nothing. */
  scan(bytes: Buffer, start: number): 'complete' | 'incomplete' | 'refused' {
    this.start = start
    this.fieldsStart = 0
    this.method = ''
    const line = this.#scanLine(bytes, start)
    if (line !== 'complete') return line === 'incomplete' && tooLong(bytes, start) ? this.#tooLarge() : line
    switch (this.fields.scan(bytes, this.fieldsStart, false)) {
      case 'incomplete':
        return tooLong(bytes, start) ? this.#tooLarge() : 'incomplete'
      case 'too-many':
        return this.#refuse('ST1002', 'The request has more than 1,000 header lines.')
      case 'malformed':
        return this.#refuse('ST1001', `The request has ${this.fields.fault}.`)
      case 'complete':
        this.end = this.fields.end
        if (this.end - start > MAX_HEAD_BYTES) return this.#tooLarge()
        return this.#checkHost(bytes)
    }
  }

  #scanLine(bytes: Buffer, start: number): 'complete' | 'incomplete' | 'refused' {
    const length = bytes.length
    let p = start
    while (TOKEN[bytes[p] as number] === 1) p++
    if (p >= length) return 'incomplete'
    if (p === start || bytes[p] !== SPACE)
      return this.#refuse('ST1001', 'The request line does not start with a method and one space.')
    const methodEnd = p++
    const targetStart = p
    while (TARGET[bytes[p] as number] === 1) p++
    if (p >= length) return 'incomplete'
    if (bytes[p] !== SPACE || p === targetStart)
      return this.#refuse('ST1001', 'The request target is empty or has a byte that must be percent-encoded.')
    const targetEnd = p++
    if (p + 10 > length) {
      // A line end this early can only be a fault, and waiting for more bytes would leave the client without an answer.
      for (let i = p; i < length; i++) {
        if (bytes[i] === LF || (i - p < 5 && bytes[i] !== VERSION[i - p])) return this.#badVersion(bytes, p)
      }
      return 'incomplete'
    }
    const minor = (bytes[p + 7] as number) - 0x30
    for (let i = 0; i < VERSION.length; i++) if (bytes[p + i] !== VERSION[i]) return this.#badVersion(bytes, p)
    if (minor !== 0 && minor !== 1) return this.#badVersion(bytes, p)
    if (bytes[p + 8] !== CR || bytes[p + 9] !== LF)
      return this.#refuse('ST1001', 'The request line does not end after its version.')
    this.minor = minor
    this.method = methodName(bytes, start, methodEnd)
    this.fieldsStart = p + 10
    if (bytes[targetStart] === 0x2f && this.method !== 'CONNECT') {
      this.target = ORIGIN
      return 'complete'
    }
    const target = readTarget(this.method, bytes.toString('latin1', targetStart, targetEnd))
    if (target === undefined)
      return this.#refuse('ST1001', `The request target is not one that ${this.method} may have.`)
    this.target = target
    return 'complete'
  }

  #checkHost(bytes: Buffer): 'complete' | 'refused' {
    const lines = this.fields.count('host')
    if (lines === 0 && this.minor === 0) return 'complete'
    if (lines !== 1)
      return this.#refuse('ST1001', lines === 0 ? 'The request has no Host.' : 'The request has more than one Host.')
    // Requests come in runs for one host; what was valid once is not matched again.
    if (this.#validHost.length > 0 && this.fields.is(bytes, 'host', this.#validHost)) return 'complete'
    const host = this.fields.value(bytes, 'host') ?? ''
    if (!isHost(host)) return this.#refuse('ST1001', 'The Host of the request does not name one host.')
    this.#validHost = Buffer.from(host, 'latin1')
    return 'complete'
  }

  #badVersion(bytes: Buffer, at: number): 'refused' {
    const version = /^HTTP\/\d\.\d\r\n/.exec(bytes.toString('latin1', at, at + 10))
    if (version !== null) return this.#refuse('ST1003', `The request names the version ${version[0].trim()}.`)
    return this.#refuse('ST1001', 'The request line has no HTTP version.')
  }

  #tooLarge(): 'refused' {
    return this.#refuse('ST1002', 'The request head has more than 128 KiB.')
  }

  #refuse(code: Refusal['code'], detail: string): 'refused' {
    this.#refusal = { code, detail }
    return 'refused'
  }
}

const VERSION = Buffer.from('HTTP/1.')

function tooLong(bytes: Buffer, start: number): boolean {
  return bytes.length - start > MAX_HEAD_BYTES
}

/** Without a new string for the methods that nearly all requests have. */
function methodName(bytes: Buffer, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54) return 'GET'
  return bytes.toString('latin1', start, end)
}
