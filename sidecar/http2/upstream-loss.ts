// What becomes of streams whose upstream session ends: what a direct call would have shown, or why the fork does not answer.

import type { Downstream } from './downstream.ts'
import { ErrorCode } from './error-code.ts'
import type { Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'

/** A stream that was moved this often meets an upstream that takes none. */
const MOST_MOVES = 3

/** After a GOAWAY: streams that were not sent go to a fresh session. */
export function moveToSuccessor(client: Downstream, upstream: Upstream): void {
  const streams = upstream.requests.surrender()
  for (const stream of streams.filter(({ moves }) => moves >= MOST_MOVES)) {
    client.resetStream(stream, ErrorCode.refusedStream, undefined)
  }
  const movable = streams.filter(({ id }) => client.streams.has(id))
  if (movable.length > 0) client.pool.successor(upstream).requests.adopt(movable)
}

/** The session is closed. `error` undefined: the upstream closed it in good order. */
export function upstreamGone(client: Downstream, upstream: Upstream, error: Error | undefined): void {
  const lost = [...client.streams.values()].filter((each) => each.upstream === upstream && !each.response.ended)
  const done = [...client.streams.values()].filter((each) => each.upstream === upstream && each.response.ended)
  // An ended response stays: it may still wait for the client's window. Only its request has lost its receiver.
  for (const stream of done) {
    stream.request.passed = true
    client.endIfDone(stream)
  }
  if (lost.length > 0) {
    client.context.counters.event(upstream.isFork ? 'http2-fork-lost' : 'http2-baseline-lost')
    const fields = { service: client.destination.service, upstream: upstream.name, streams: lost.length, err: error }
    client.context.log.debug(fields, 'an upstream session ended with open streams')
  }
  if (upstream.isFork || upstream.failure !== undefined) for (const stream of lost) answerFor(client, stream, error)
  else baselineGone(client, upstream, lost, error)
}

/** The fork says nothing more: an answer that explains it, or a reset where an answer has begun. */
function answerFor(client: Downstream, stream: Stream, error: Error | undefined): void {
  if (stream.answered) {
    client.resetStream(stream, ErrorCode.internal, undefined)
    return
  }
  const { upstream } = stream
  const about = `Service ${client.destination.service}, upstream ${upstream.name}`
  if (upstream.failure !== undefined) {
    client.answers.answer(stream, { code: 'ST1104', detail: `${about}: ${upstream.failure.message}.` }, undefined)
    return
  }
  const why = stream.sent
    ? 'it closed the connection before it answered'
    : (error?.message ?? 'it closed the connection')
  client.answers.answer(stream, { code: 'ST1102', detail: `${about}: ${why}.` }, undefined)
}

/** Without the sidecar the client's own connection would be gone; where other streams live on it, only the lost ones may tell. */
function baselineGone(client: Downstream, upstream: Upstream, lost: readonly Stream[], error: Error | undefined): void {
  const othersLive = client.streams.size > lost.length
  const replaced = client.pool.sessions.some((each) => !each.isFork && !each.closed && !each.draining)
  if (lost.length === 0) {
    // An idle baseline that closes closes the client's connection too: it may want to find another address.
    if (!othersLive && !replaced && client.streams.size === 0) client.farewell.leave()
    return
  }
  const unsent = lost.every(({ sent }) => !sent)
  if (!othersLive && !(unsent && client.baselineWorked) && !upstream.draining) {
    if (error === undefined) client.close()
    else client.abort()
    return
  }
  for (const stream of lost) {
    if (!stream.sent) client.resetStream(stream, ErrorCode.refusedStream, undefined)
    else if (stream.traits.isGrpc && !stream.answered) answerFor(client, stream, error)
    else client.resetStream(stream, ErrorCode.internal, undefined)
  }
  if (!replaced) client.farewell.leave()
}
