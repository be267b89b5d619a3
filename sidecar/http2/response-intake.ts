// What an upstream sends as a response, checked (RFC 9113 §8.1) before any of it reaches the client.

import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { FRAME_HEADER, Flag, clearUndefined, payloadLength } from './frame.ts'
import { headerFrames } from './header-block.ts'
import type { Half, Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'
import { Verdict } from './verdict.ts'

export interface Block {
  readonly id: number
  readonly endStream: boolean
  /** `block[start, end)` is the header block. */
  readonly block: Buffer
  readonly start: number
  readonly end: number
  /** Where the one frame that holds it and can be passed on as it is begins; -1 if there is none. */
  readonly frameAt: number
}

/** A head, an interim head, or trailers. `stream` undefined: of one that is over, decoded for the table's sake only. */
export function responseHead(client: Downstream, upstream: Upstream, stream: Stream | undefined, part: Block): void {
  const { heads } = client.context
  const { block, start, end, endStream } = part
  const { table } = upstream
  const trailing = stream?.answered ?? false
  const verdict = trailing ? heads.trailers(block, start, end, table) : heads.response(block, start, end, table)
  if (verdict === Verdict.undecodable) throw new ConnectionError(ErrorCode.compression, 'a broken header block')
  if (stream === undefined) return
  if (stream.response.ended) {
    afterEnd(client, stream)
    return
  }
  const interim = !trailing && heads.status < 200
  if (verdict !== Verdict.fine || (trailing && (!endStream || stream.isTunnel)) || (interim && endStream)) {
    client.answers.badResponse(
      stream,
      verdict === Verdict.tooLarge ? 'its head is too large' : 'its head or trailers are malformed',
    )
    return
  }
  const { response } = stream
  if (!trailing && !interim) {
    stream.isTunnel = stream.traits.isConnect && heads.status < 300
    response.left = bodyLength(stream, heads.status, heads.contentLength)
  }
  if (endStream) {
    response.ended = true
    if (isShort(response)) {
      client.answers.badResponse(stream, 'it ended before its content-length')
      return
    }
  }
  if (!interim) stream.answered = true
  if (!trailing && !interim) stream.traits.hop?.answered(heads.status, upstream.address)
  const mark = trailing || interim ? undefined : stream.mark
  if (table === undefined && mark === undefined && part.frameAt >= 0) {
    client.responses.head(response, block, part.frameAt, frameEnd(block, part.frameAt), endStream, true)
    return
  }
  const plain = table === undefined ? block.subarray(start, end) : heads.rewritten()
  const frames = headerFrames(stream.id, endStream, mark === undefined ? plain : Buffer.concat([plain, mark]))
  client.context.grew(frames.length)
  client.responses.head(response, frames, 0, frames.length, endStream, true)
}

/** RFC 9110 §6.4.1 and §9.3.6: which responses have no body, or one that no length bounds. `length` -1: none is said. */
function bodyLength({ traits, isTunnel }: Stream, status: number, length: number): number {
  if (isTunnel) return Number.POSITIVE_INFINITY
  if (traits.isHead || status === 204 || status === 304) return 0
  return length === -1 ? Number.POSITIVE_INFINITY : length
}

/** A DATA frame of `length` bytes; already taken from the connection's window. */
export function responseData(
  client: Downstream,
  upstream: Upstream,
  stream: Stream | undefined,
  bytes: Buffer,
  at: number,
  length: number,
): void {
  // DATA of streams that are over still counts for the connection.
  if (stream === undefined || stream.response.ended) {
    upstream.credit(length)
    if (stream !== undefined) afterEnd(client, stream)
    return
  }
  const flags = bytes[at + 4]!
  const { response } = stream
  const payload = dataPayload(bytes, at, length)
  const last = (flags & Flag.endStream) !== 0
  response.left -= payload
  if (!stream.answered || response.left < 0 || (last && isShort(response))) {
    upstream.credit(length)
    client.answers.badResponse(
      stream,
      stream.answered ? 'its body and its content-length differ' : 'its body came before its head',
    )
    return
  }
  response.ended = last
  client.responses.data(response, bytes, at, length, true)
}

/** §5.1: frames behind END_STREAM. The response is whole, and stays so if it still waits for the client's window; its request has lost its receiver. */
function afterEnd(client: Downstream, stream: Stream): void {
  if (stream.response.passed) client.resetStream(stream, ErrorCode.noError, ErrorCode.streamClosed)
}

/** True if content-length promised more than has come. */
export function isShort(half: Half): boolean {
  return half.left > 0 && half.left !== Number.POSITIVE_INFINITY
}

/** Bytes without padding. What of the frame no receiver would look at is made what a sender must send (§4.1, §6.1). */
export function dataPayload(bytes: Buffer, at: number, length: number): number {
  clearUndefined(bytes, at)
  if ((bytes[at + 4]! & Flag.padded) === 0) return length
  if (length === 0) throw new ConnectionError(ErrorCode.frameSize, 'padded DATA without a pad length')
  const payload = length - 1 - bytes[at + FRAME_HEADER]!
  if (payload < 0) throw new ConnectionError(ErrorCode.protocol, 'padding longer than its frame')
  bytes.fill(0, at + FRAME_HEADER + 1 + payload, at + FRAME_HEADER + length)
  return payload
}

export function frameEnd(bytes: Buffer, at: number): number {
  return at + FRAME_HEADER + payloadLength(bytes, at)
}
