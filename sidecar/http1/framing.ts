// Where a message's body ends (RFC 9112 §6), and what of it two servers could read differently.

import type { FieldScanner } from './fields.ts'
import { listElements } from './list.ts'

export type Framing =
  /** So many bytes; 0 is no body. */
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** To the end of the connection; responses only. */
  | { readonly kind: 'close' }
  | { readonly kind: 'ambiguous'; readonly fault: string }

const NO_BODY: Framing = { kind: 'length', length: 0 }
const CHUNKED: Framing = { kind: 'chunked' }
const UNTIL_CLOSE: Framing = { kind: 'close' }

/**
 * A request's framing. Stricter than the grammar where servers disagree: one Content-Length line with digits only, one
 * Transfer-Encoding line that ends in `chunked`, never both, and no Transfer-Encoding in HTTP/1.0.
 */
export function requestFraming(bytes: Buffer, fields: FieldScanner, minor: number): Framing {
  const lengths = fields.count('content-length')
  const codings = fields.count('transfer-encoding')
  if (lengths === 0 && codings === 0) return NO_BODY
  if (codings > 0) {
    if (lengths > 0) return ambiguous('both Content-Length and Transfer-Encoding')
    if (minor === 0) return ambiguous('a Transfer-Encoding in HTTP/1.0')
    if (codings > 1) return ambiguous('more than one Transfer-Encoding line')
    return endsInChunked(fields.value(bytes, 'transfer-encoding') ?? '')
      ? CHUNKED
      : ambiguous('a Transfer-Encoding that does not end in chunked')
  }
  if (lengths > 1) return ambiguous('more than one Content-Length')
  const length = shortLength(bytes, fields)
  if (length !== -1) return length === 0 ? NO_BODY : { kind: 'length', length }
  return contentLength(fields.value(bytes, 'content-length') ?? '')
}

/** A response's framing. `method` is that of its request. Transfer-Encoding overrides Content-Length, as §6.3 has it. */
export function responseFraming(bytes: Buffer, fields: FieldScanner, status: number, method: string): Framing {
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return NO_BODY
  if (fields.count('transfer-encoding') > 0) return responseCodings(fields.value(bytes, 'transfer-encoding') ?? '')
  const lengths = fields.count('content-length')
  if (lengths === 0) return UNTIL_CLOSE
  const length = lengths === 1 ? shortLength(bytes, fields) : -1
  if (length !== -1) return length === 0 ? NO_BODY : { kind: 'length', length }
  const [first = '', ...more] = listElements(fields.value(bytes, 'content-length') ?? '')
  return more.every((each) => each === first) ? contentLength(first) : ambiguous('Content-Lengths that differ')
}

function endsInChunked(value: string): boolean {
  const codings = listElements(value.toLowerCase())
  return codings.every(
    (coding, index) =>
      /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(coding) && (coding === 'chunked') === (index === codings.length - 1),
  )
}

/**
 * `chunked` behind what is no coding, or behind itself, which §6.1 forbids, is chunked for some clients; others read such a body to
 * the end of the connection.
 */
function responseCodings(value: string): Framing {
  const codings = listElements(value.toLowerCase())
  if (codings.at(-1) !== 'chunked') return UNTIL_CLOSE
  const sound = codings
    .slice(0, -1)
    .every((coding) => coding !== 'chunked' && /^[!#$%&'*+\-.^_`|~0-9a-z]+(?:[ \t]*;[^"]*)?$/.test(coding))
  return sound ? CHUNKED : ambiguous('a Transfer-Encoding whose codings before chunked make no sense')
}

/** The value of the one Content-Length line if it is up to 15 digits, as it nearly always is; else -1. No string is made of it. */
function shortLength(bytes: Buffer, fields: FieldScanner): number {
  const line = fields.lastLineOf('content-length')
  const start = fields.valueStart(line)
  const end = fields.valueEnd(line)
  if (end === start || end - start > 15) return -1
  let length = 0
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

function contentLength(value: string): Framing {
  if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value)))
    return ambiguous('a Content-Length that is not a number of bytes')
  return value === '0' ? NO_BODY : { kind: 'length', length: Number(value) }
}

function ambiguous(fault: string): Framing {
  return { kind: 'ambiguous', fault }
}
