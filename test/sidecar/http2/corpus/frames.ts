// Frames as a test spells them, byte by byte and apart from the code that is tested.

import type { Fields } from '../../../fixtures/http2/fields.ts'

/** Bytes to send as they are. */
export class Frames {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const

export const END_STREAM = 1
export const ACK = 1
export const END_HEADERS = 4
export const PADDED = 8
export const PRIORITY = 32

export const PREFACE = new Frames(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))

/** A frame of any kind; `id` may have its reserved bit set. */
export function frame(type: number, flags: number, id: number, payload: Uint8Array | string = ''): Frames {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload)
  const start = Buffer.alloc(9)
  start.writeUIntBE(body.length, 0, 3)
  start[3] = type
  start[4] = flags
  start.writeUInt32BE(id >>> 0, 5)
  return new Frames(Buffer.concat([start, body]))
}

export function text(bytes: string): Frames {
  return new Frames(Buffer.from(bytes, 'latin1'))
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4)
  return bytes
}

export function settings(entries: readonly (readonly [id: number, value: number])[] = []): Frames {
  const payload = Buffer.alloc(entries.length * 6)
  for (const [index, [id, value]] of entries.entries()) {
    payload.writeUInt16BE(id, index * 6)
    payload.writeUInt32BE(value, index * 6 + 2)
  }
  return frame(TYPE.settings, 0, 0, payload)
}

export const SETTINGS_ACK = frame(TYPE.settings, ACK, 0)

export const ping = (payload = 'payload!', flags = 0, id = 0): Frames => frame(TYPE.ping, flags, id, payload)
export const goaway = (last: number, code: number, debug = '', id = 0): Frames =>
  frame(TYPE.goaway, 0, id, Buffer.concat([words(last, code), Buffer.from(debug)]))
export const windowUpdate = (id: number, increment: number): Frames => frame(TYPE.window, 0, id, words(increment))
export const priority = (id: number, on: number, weight = 15): Frames =>
  frame(TYPE.priority, 0, id, Buffer.concat([words(on), Buffer.of(weight)]))

/** A header block of literals without indexing, without Huffman code. */
export function block(fields: Fields, form = 0x00): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(form), string(name), string(value)]))
}

/** A literal with never indexed form (RFC 7541 §6.2.3). */
export const neverIndexed = (fields: Fields): Buffer => block(fields, 0x10)
/** One that is to be added to the table. */
export const indexed = (fields: Fields): Buffer => block(fields, 0x40)

function string(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
  return Buffer.concat([Buffer.of(...length, rest), bytes])
}

export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')

/** HEADERS of any block, with CONTINUATION as far as needed. */
export function headers(id: number, bytes: Uint8Array, flags = END_STREAM): Frames {
  const frames: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += 16_384) {
    const last = at + 16_384 >= bytes.length ? END_HEADERS : 0
    const type = at === 0 ? TYPE.headers : TYPE.continuation
    frames.push(frame(type, last | (at === 0 ? flags : 0), id, bytes.subarray(at, at + 16_384)).bytes)
  }
  return new Frames(Buffer.concat(frames))
}
