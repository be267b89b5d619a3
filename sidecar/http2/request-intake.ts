// What a client sends as a request, checked (RFC 9113 §8.1) before any of it reaches an upstream, and where it goes.

import type { Decision } from '../../core/decision.ts'
import type { RoutingKeys } from '../../core/routing-key.ts'
import { refuseDecision } from '../refusal.ts'
import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { Flag } from './frame.ts'
import { headerFrames } from './header-block.ts'
import { type Block, dataPayload, frameEnd, isShort } from './response-intake.ts'
import { type RequestTraits, Stream } from './stream.ts'
import type { OpenHop } from '../tracer.ts'
import { beginHop, markHop } from './traced-request.ts'
import { Verdict } from './verdict.ts'
import type { Upstream } from './upstream.ts'

/** A request's head. `accepted` false: the stream is refused, its block read for the table's sake only. */
export function requestHead(client: Downstream, part: Block, accepted: boolean): void {
  const { heads } = client.context
  const { id, endStream, block, start, end } = part
  const { table } = client
  const verdict = heads.request(block, start, end, table)
  if (verdict === Verdict.undecodable) throw new ConnectionError(ErrorCode.compression, 'a broken header block')
  if (!accepted) return
  const isUnasked = heads.isExtended && !client.offer.hasConnectProtocol
  if (verdict === Verdict.malformed || (endStream && heads.contentLength > 0) || isUnasked) {
    client.answers.reject(id, ErrorCode.protocol, 'ST1001')
    return
  }
  const untraced: RequestTraits = {
    isHead: heads.isHead,
    isGrpc: heads.isGrpc,
    isConnect: heads.isConnect,
    isExtended: heads.isExtended,
    accept: heads.accept,
    hop: undefined,
  }
  if (verdict === Verdict.tooLarge) {
    client.answers.refuse(id, endStream, { code: 'ST1002', detail: 'The header list is beyond the limits.' }, untraced)
    return
  }
  const { contentLength } = heads
  const keys = client.destination.keys(heads.carrierValue)
  const decision = client.destination.decide(keys)
  const hop = keys.trace === undefined ? undefined : beginHop(client, unmarkedBlock(client, part), decision, keys.trace)
  const traits = hop === undefined ? untraced : { ...untraced, hop }
  if (decision.to === 'nowhere') {
    client.answers.refuse(id, endStream, refuseDecision(decision, client.destination), traits)
    return
  }
  const upstream = choose(client, decision)
  if (upstream === undefined || upstream.link.backlog > client.context.limits.buffered) {
    const detail =
      upstream === undefined ? 'sessions to forks of one connection' : `bytes that ${upstream.name} has not taken`
    client.answers.refuse(id, endStream, { code: 'ST1105', detail: `Too many ${detail}.` }, traits)
    return
  }
  const mark = decision.to === 'fork' ? client.pool.mark(client.destination.service, decision.route.key) : undefined
  const stream = new Stream(id, upstream, client.clientWindow, traits, mark)
  stream.request.ended = endStream
  if (contentLength >= 0 && !heads.isConnect) stream.request.left = contentLength
  client.streams.set(id, stream)
  const plain = plainBlock(client, part, keys, hop)
  if (plain === undefined) upstream.requests.open(stream, block, part.frameAt, frameEnd(block, part.frameAt))
  else {
    const frames = headerFrames(id, endStream, plain)
    client.context.grew(frames.length)
    upstream.requests.open(stream, frames, 0, frames.length)
  }
}

/** Trailers; `stream` is open. */
export function requestTrailers(client: Downstream, stream: Stream, part: Block): void {
  const { heads } = client.context
  const { block, start, end, endStream, frameAt } = part
  const { request } = stream
  const verdict = heads.trailers(block, start, end, client.table)
  if (verdict === Verdict.undecodable) throw new ConnectionError(ErrorCode.compression, 'a broken header block')
  if (request.ended) {
    client.failStream(stream, ErrorCode.streamClosed)
    return
  }
  if (verdict !== Verdict.fine || !endStream || isShort(request) || stream.traits.isConnect) {
    client.failStream(stream, ErrorCode.protocol)
    return
  }
  request.ended = true
  if (client.table === undefined && frameAt >= 0) {
    stream.upstream.requests.trailers(stream, block, frameAt, frameEnd(block, frameAt))
    return
  }
  const plain = client.table === undefined ? block.subarray(start, end) : heads.rewritten()
  const frames = headerFrames(stream.id, true, plain)
  stream.upstream.requests.trailers(stream, frames, 0, frames.length)
}

/** A DATA frame of an open stream; already taken from the connection's window. */
export function requestData(client: Downstream, stream: Stream, bytes: Buffer, at: number, length: number): void {
  const { request } = stream
  const last = (bytes[at + 4]! & Flag.endStream) !== 0
  const payload = dataPayload(bytes, at, length)
  if (request.ended) {
    client.failStream(stream, ErrorCode.streamClosed)
    return
  }
  stream.allowance -= length
  if (stream.allowance < 0) {
    client.failStream(stream, ErrorCode.flowControl)
    return
  }
  request.left -= payload
  if (request.left < 0 || (last && isShort(request))) {
    client.failStream(stream, ErrorCode.protocol)
    return
  }
  if (length === 0 && !last) return
  request.ended = last
  stream.upstream.requests.data(stream, bytes, at, length)
}

function choose(client: Downstream, decision: Exclude<Decision, { to: 'nowhere' }>): Upstream | undefined {
  if (decision.to === 'baseline') return client.pool.baseline(client.destination.baseline)
  return client.pool.fork(decision.route.addresses)
}

/** The block that goes upstream; undefined if it is the frame's own, untouched. */
function plainBlock(client: Downstream, part: Block, keys: RoutingKeys, hop: OpenHop | undefined): Buffer | undefined {
  const key = client.destination.keyToAdd(keys)
  if (client.table === undefined && key === undefined && hop === undefined && part.frameAt >= 0) return undefined
  const plain = unmarkedBlock(client, part)
  if (hop !== undefined) return markHop(plain, hop)
  return key === undefined ? plain : client.context.stamp.stamp(plain, 0, plain.length, key)
}

/** The block that was read last, as one that needs no table. */
function unmarkedBlock({ table, context }: Downstream, { block, start, end }: Block): Buffer {
  return table === undefined ? block.subarray(start, end) : context.heads.rewritten()
}

/** The frame at `at` ends a stream or carries payload; anything else of DATA does nothing. */
export function isEmptyData(bytes: Buffer, at: number, length: number): boolean {
  return (bytes[at + 4]! & Flag.endStream) === 0 && (length === 0 || dataPayload(bytes, at, length) === 0)
}
