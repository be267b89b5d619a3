// What one end of a connection has received, decoded: what came on each stream in order, and the frames of no stream.

import type { Peer } from '../../../fixtures/peer.ts'
import { BlockReader } from '../../../../sidecar/http2/hpack/block-reader.ts'
import type { Fields } from '../../../fixtures/http2/fields.ts'
import type { Part } from './case.ts'
import { END_HEADERS, END_STREAM, PADDED, PRIORITY, TYPE } from './frames.ts'

type Token =
  | { readonly head: Fields; readonly never: readonly string[] }
  | { data: string }
  | { readonly end: true }
  | { readonly reset: number }

interface Received {
  readonly tokens: Token[]
  /** How many tokens, and characters of the one after them, have been accounted for. */
  read: number
  offset: number
}

const DEFINED_FLAGS: readonly number[] = [END_STREAM | PADDED, 0x2d, 0, 0, 1, 0x0c, 1, 0, 0, END_HEADERS]

export class Reader {
  readonly peer: Peer
  readonly streams = new Map<number, Received>()
  /** Frames that are neither HEADERS, CONTINUATION, DATA nor RST_STREAM. */
  readonly others: Buffer[] = []
  goaway: number | undefined
  /** A rule that no sender may break, and that what came here breaks. */
  fault: string | undefined
  #at: number
  #block: { readonly id: number; readonly endStream: boolean; readonly parts: Buffer[] } | undefined

  /** `skip`: bytes of the preface. */
  constructor(peer: Peer, skip: number) {
    this.peer = peer
    this.#at = skip
  }

  /** Reads what has come. */
  sync(): void {
    const { bytes } = this.peer
    while (this.fault === undefined && bytes.length >= this.#at + 9) {
      const end = this.#at + 9 + bytes.readUIntBE(this.#at, 3)
      if (bytes.length < end) return
      this.fault = this.#frame(bytes.subarray(this.#at, end))
      this.#at = end
    }
  }

  /** Resolves when the next thing on the part's stream is the part; throws if it is another. */
  async next(who: string, part: Part): Promise<void> {
    const has = (): boolean => {
      this.sync()
      return this.peer.closed || this.fault !== undefined || this.#isThere(part)
    }
    await this.peer.until(`${who} to receive ${JSON.stringify(part)}`, has)
    if (!this.#take(part)) throw new Error(`${who} received ${this.rest(part.id)} instead of ${JSON.stringify(part)}`)
  }

  /** The next head on a stream, whatever it is. */
  async nextHead(who: string, id: number): Promise<Fields> {
    await this.peer.until(`${who} to receive a head`, () => {
      this.sync()
      return this.peer.closed || this.#token(id) !== undefined
    })
    const token = this.#token(id)
    if (token === undefined || !('head' in token)) throw new Error(`${who} received ${this.rest(id)} instead of a head`)
    this.#of(id).read++
    return token.head
  }

  /** Skips DATA up to the end of the stream. */
  async toEnd(who: string, id: number): Promise<void> {
    const received = this.#of(id)
    await this.peer.until(`${who} to receive the end of stream ${id}`, () => {
      this.sync()
      return this.peer.closed || received.tokens.some((token) => 'end' in token)
    })
    received.read = received.tokens.findIndex((token) => 'end' in token) + 1
  }

  /** A RST_STREAM of that code, if it is next. */
  skipReset(id: number, code: number): void {
    const token = this.#token(id)
    if (token !== undefined && 'reset' in token && token.reset === code) this.#of(id).read++
  }

  /** What has not been accounted for; empty if nothing. */
  rest(only?: number): string {
    const rest: string[] = this.fault === undefined ? [] : [this.fault]
    for (const [id, { tokens, read, offset }] of this.streams) {
      if (only !== undefined && only !== id) continue
      const left = tokens.slice(read).filter((token) => !('data' in token) || token.data.length > offset)
      if (left.length > 0) rest.push(`${id}: ${JSON.stringify(left).slice(0, 400)}`)
    }
    return rest.join('; ')
  }

  #of(id: number): Received {
    let received = this.streams.get(id)
    if (received === undefined) this.streams.set(id, (received = { tokens: [], read: 0, offset: 0 }))
    return received
  }

  #token(id: number): Token | undefined {
    const received = this.#of(id)
    return received.tokens[received.read]
  }

  /** Enough has come to compare. */
  #isThere(part: Part): boolean {
    const received = this.#of(part.id)
    skipReadData(received)
    const { tokens, read, offset } = received
    const token = tokens[read]
    const ends = 'end' in part && part.end
    if (token === undefined || ('data' in token && token.data.length === offset)) return false
    if ('data' in part && 'data' in token && token.data.length < offset + part.data.length)
      return tokens.length > read + 1
    if (ends && !('data' in part && part.data === '')) return tokens.length > read + 1
    return true
  }

  #take(part: Part): boolean {
    const received = this.#of(part.id)
    skipReadData(received)
    if (!takeFirst(part, received)) return false
    if (!('end' in part) || !part.end) return true
    skipReadData(received)
    const found = received.tokens[received.read]
    if (found === undefined || !('end' in found)) return false
    received.read++
    return true
  }

  /** What is wrong with it. */
  #frame(bytes: Buffer): string | undefined {
    const [type = 0, flags = 0] = bytes.subarray(3, 5)
    const id = bytes.readUInt32BE(5)
    if (id > 0x7fff_ffff) return 'the reserved bit of a stream id is set (RFC 9113 §4.1)'
    if (type > TYPE.continuation) return `a frame of the unknown type ${type} was passed on`
    if ((flags & ~(DEFINED_FLAGS[type] ?? 0)) !== 0)
      return `flags ${flags} that frames of type ${type} do not have (RFC 9113 §4.1)`
    if (bytes.length > 9 + 16_384) return 'a frame that is too large'
    if (this.#block !== undefined && (type !== TYPE.continuation || id !== this.#block.id))
      return 'a frame inside a header block'
    switch (type) {
      case TYPE.data: {
        const length = padding(bytes, flags)
        if (bytes.subarray(bytes.length - length).some((byte) => byte !== 0))
          return 'padding that is not zero (RFC 9113 §6.1)'
        this.#data(id, bytes.subarray((flags & PADDED) === 0 ? 9 : 10, bytes.length - length))
        if ((flags & END_STREAM) !== 0) this.#of(id).tokens.push({ end: true })
        return undefined
      }
      case TYPE.headers: {
        const start = (flags & PADDED) === 0 ? 9 : 10
        const skip = (flags & PRIORITY) === 0 ? start : start + 5
        this.#block = {
          id,
          endStream: (flags & END_STREAM) !== 0,
          parts: [bytes.subarray(skip, bytes.length - padding(bytes, flags))],
        }
        break
      }
      case TYPE.continuation:
        this.#block?.parts.push(bytes.subarray(9))
        break
      case TYPE.reset:
        this.#of(id).tokens.push({ reset: bytes.readUInt32BE(9) })
        return undefined
      case TYPE.goaway:
        if (this.goaway === undefined || bytes.readUInt32BE(13) !== 0) this.goaway = bytes.readUInt32BE(13)
        this.others.push(bytes)
        return undefined
      default:
        this.others.push(bytes)
        return undefined
    }
    return (flags & END_HEADERS) === 0 ? undefined : this.#blockDone()
  }

  #data(id: number, payload: Buffer): void {
    const { tokens } = this.#of(id)
    const before = tokens.at(-1)
    if (payload.length === 0) return
    if (before !== undefined && 'data' in before) before.data += payload.toString('latin1')
    else tokens.push({ data: payload.toString('latin1') })
  }

  /** The sidecar has said that it keeps no table, so an index into one is an error. */
  #blockDone(): string | undefined {
    const { id, endStream, parts } = this.#block!
    this.#block = undefined
    const bytes = Buffer.concat(parts)
    const reader = new BlockReader()
    const fields: (readonly [string, string])[] = []
    const never: string[] = []
    reader.start(bytes, 0, bytes.length, undefined)
    while (reader.next()) {
      const name = reader.name.toString('latin1', reader.nameStart, reader.nameEnd)
      fields.push([name, reader.value.toString('latin1', reader.valueStart, reader.valueEnd)])
      if (reader.neverIndexed) never.push(name)
    }
    if (reader.broken) return 'a header block that cannot be decoded without a table'
    const { tokens } = this.#of(id)
    tokens.push({ head: fields, never })
    if (endStream) tokens.push({ end: true })
    return undefined
  }
}

function padding(bytes: Buffer, flags: number): number {
  return (flags & PADDED) === 0 ? 0 : (bytes[9] ?? 0)
}

/** DATA that were read to their end stay the current token until something follows: more of them may come. */
function skipReadData(received: Received): void {
  const token = received.tokens[received.read]
  if (token === undefined || !('data' in token) || token.data.length > received.offset) return
  if (received.tokens.length === received.read + 1) return
  received.read++
  received.offset = 0
}

function takeFirst(part: Part, received: Received): boolean {
  const token = received.tokens[received.read]
  if ('data' in part) {
    if (part.data === '') return true
    if (token === undefined || !('data' in token)) return false
    const next = token.data.slice(received.offset, received.offset + part.data.length)
    received.offset += part.data.length
    return next === part.data
  }
  if (token === undefined) return false
  received.read++
  if ('reset' in part) return 'reset' in token && token.reset === part.reset
  if (!('head' in token) || JSON.stringify(token.head) !== JSON.stringify(part.head)) return false
  return part.never === undefined || JSON.stringify(token.never) === JSON.stringify(part.never)
}
