// Frames of RFC 9113 §4 and §6: their types and flags, where their parts lie, and the few that the sidecar writes itself.

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const FRAME_HEADER = 9

/** What every endpoint accepts. The sidecar never asks for more, so a frame that it may read it may also write (§4.2). */
export const MAX_FRAME = 16_384

/** The window of a stream and of a connection until SETTINGS or WINDOW_UPDATE say otherwise (§6.9.2). */
export const DEFAULT_WINDOW = 65_535

export const MAX_WINDOW = 0x7fff_ffff

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** `at` is where the frame's header begins. */
export function payloadLength(bytes: Buffer, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
}

export function streamId(bytes: Buffer, at: number): number {
  return read31(bytes, at + 5)
}

/** 31 bits without the reserved one above them. */
export function read31(bytes: Buffer, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/** §4.1: bits of a DATA frame's header that mean nothing must not be set in what is passed on. */
export function clearUndefined(bytes: Buffer, at: number): void {
  bytes[at + 4]! &= Flag.endStream | Flag.padded
  bytes[at + 5]! &= 0x7f
}

export function frame(type: number, flags: number, id: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER + payload.length)
  writeHeader(bytes, payload.length, type, flags, id)
  bytes.set(payload, FRAME_HEADER)
  return bytes
}

export function resetFrame(id: number, code: number): Buffer {
  return wordFrame(FrameType.reset, id, code)
}

/** `increment` 1 to 2^31 - 1; `id` 0 for the connection. */
export function windowUpdate(id: number, increment: number): Buffer {
  return wordFrame(FrameType.windowUpdate, id, increment)
}

export function goawayFrame(lastId: number, code: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER + 8)
  writeHeader(bytes, 8, FrameType.goaway, 0, 0)
  bytes.writeUInt32BE(lastId, 9)
  bytes.writeUInt32BE(code, 13)
  return bytes
}

export function pingFrame(ack: boolean, payload: Uint8Array): Buffer {
  return frame(FrameType.ping, ack ? Flag.ack : 0, 0, payload)
}

/** A padded DATA frame costs its padding in windows; the payload alone fits where the whole does not. */
export function dataFrame(id: number, endStream: boolean, payload: Uint8Array): Buffer {
  return frame(FrameType.data, endStream ? Flag.endStream : 0, id, payload)
}

function wordFrame(type: number, id: number, word: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER + 4)
  writeHeader(bytes, 4, type, 0, id)
  bytes.writeUInt32BE(word, 9)
  return bytes
}

function writeHeader(bytes: Buffer, length: number, type: number, flags: number, id: number): void {
  bytes[0] = length >> 16
  bytes[1] = length >> 8
  bytes[2] = length
  bytes[3] = type
  bytes[4] = flags
  bytes.writeUInt32BE(id, 5)
}
