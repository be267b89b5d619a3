// What a client's first bytes say about its protocol.

import type { Protocol } from '../../core/wire.ts'

/** `undecided`: more bytes are needed. `other` is copied to the baseline. */
export type Spoken = 'http1' | 'http2' | 'other' | 'undecided'

/** RFC 9113 §3.4. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** Empty lines that a client may send before its first request, in bytes: the rest is HTTP/1's to throw away, or not HTTP. */
const MAX_EMPTY_BYTES = 64

/** The longest method that a port nobody declared may be taken for HTTP by. */
const MAX_METHOD_BYTES = 24

const TLS_HANDSHAKE = 0x16
const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20

/**
 * On a port that is declared HTTP everything but HTTP/2 and TLS is HTTP/1: what is malformed must be refused there, not passed on.
 * On another port only a method in capitals, a space and the beginning of a target are: `get key` is memcached's, `GET key` Redis's.
 */
export function classify(bytes: Buffer, protocol: Protocol): Spoken {
  let start = 0
  while (bytes[start] === CR && bytes[start + 1] === LF) start += 2
  if (start > MAX_EMPTY_BYTES) return protocol === 'http' ? 'http1' : 'other'
  if (start >= bytes.length) return 'undecided'
  if (start === 0 && bytes[0] === TLS_HANDSHAKE)
    return bytes.length < 2 ? 'undecided' : bytes[1] === 0x03 ? 'other' : undeclared(bytes, 0, protocol)
  if (start === 0 && bytes[0] === PREFACE[0]) {
    const length = Math.min(bytes.length, PREFACE.length)
    if (bytes.compare(PREFACE, 0, length, 0, length) === 0) return length === PREFACE.length ? 'http2' : 'undecided'
  }
  return undeclared(bytes, start, protocol)
}

/** Whether bytes that are no HTTP are TLS of the app's own. */
export function isTls(bytes: Buffer): boolean {
  return bytes[0] === TLS_HANDSHAKE
}

function undeclared(bytes: Buffer, start: number, protocol: Protocol): Spoken {
  if (protocol === 'http') return 'http1'
  let p = start
  while (p < bytes.length && isCapital(bytes[p] as number)) p++
  if (p - start > MAX_METHOD_BYTES) return 'other'
  if (p === bytes.length) return 'undecided'
  if (bytes[p] !== SPACE || p === start) return 'other'
  const target = bytes[p + 1]
  if (target === undefined) return 'undecided'
  return '/*hH'.includes(String.fromCharCode(target)) || bytes.toString('latin1', start, p) === 'CONNECT'
    ? 'http1'
    : 'other'
}

function isCapital(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d
}
