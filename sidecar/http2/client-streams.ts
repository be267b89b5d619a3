// What a client's frames do to its streams: the server's side of RFC 9113 §5.1.

import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode, protocolError } from './error-code.ts'
import type { FloodGuard } from './flood-guard.ts'
import { FRAME_HEADER, MAX_WINDOW, read31, resetFrame } from './frame.ts'
import { isEmptyData, requestData, requestHead, requestTrailers } from './request-intake.ts'
import type { Block } from './response-intake.ts'

/** All throw ConnectionError for what ends the whole connection. */
export class ClientStreams {
  readonly #client: Downstream
  readonly #guard: FloodGuard

  constructor(client: Downstream, guard: FloodGuard) {
    this.#client = client
    this.#guard = guard
  }

  data(id: number, bytes: Buffer, at: number, length: number): void {
    const client = this.#client
    this.#refuseIdle(id, 'DATA')
    client.credit.take(length)
    if (isEmptyData(bytes, at, length)) this.#guard.idle('empty DATA')
    else this.#guard.useful()
    const stream = client.streams.get(id)
    if (stream === undefined) {
      client.credit.received(length, undefined)
      this.#late(id)
      return
    }
    requestData(client, stream, bytes, at, length)
    client.credit.received(length, stream.upstream.link)
    // What waits for a place at an upstream must not take all credit from the streams that hold the places.
    if (!stream.sent && stream.upstream.ready && client.credit.isCrowded && client.streams.has(id)) {
      client.resetStream(stream, ErrorCode.refusedStream, undefined)
    }
  }

  /** DATA for a stream that is over: it was on its way if the stream was reset here or never accepted, otherwise the client is wrong. */
  #late(id: number): void {
    const { farewell, recent } = this.#client
    if (id > farewell.lastAccepted || recent.endingOf(id) === 'reset') return
    this.#guard.idle('DATA on closed streams')
    this.#client.link.send(resetFrame(id, ErrorCode.streamClosed))
  }

  /** A whole header block. */
  block(part: Block): void {
    this.#readBlock(part)
    if (this.#client.table?.isGone === true) this.#client.table = undefined
  }

  #readBlock(part: Block): void {
    const client = this.#client
    const { id } = part
    this.#guard.useful()
    const stream = client.streams.get(id)
    if (stream !== undefined) {
      requestTrailers(client, stream, part)
      return
    }
    if (id <= client.lastId) {
      const ending = client.recent.endingOf(id)
      if (ending === undefined) throw protocolError('a stream id that is not new')
      if (ending === 'completed') throw new ConnectionError(ErrorCode.streamClosed, 'HEADERS on a closed stream')
      requestHead(client, part, false)
      return
    }
    if (id > client.farewell.lastAccepted) {
      requestHead(client, part, false)
      return
    }
    client.lastId = id
    if (client.streams.size >= client.context.limits.streams || client.isCrowded) {
      requestHead(client, part, false)
      client.answers.reject(id, ErrorCode.refusedStream)
      return
    }
    requestHead(client, part, true)
  }

  /** RFC 9113 §5.3.2: priorities are not used, and never passed on. */
  priority(id: number, bytes: Buffer, at: number, length: number): void {
    if (id === 0) throw protocolError('PRIORITY on stream 0')
    if (length !== 5) {
      if (id > this.#client.lastId) throw new ConnectionError(ErrorCode.frameSize, 'PRIORITY of a broken length')
      this.#failAny(id, ErrorCode.frameSize)
      return
    }
    if (read31(bytes, at + FRAME_HEADER) === id) throw protocolError('a stream that depends on itself')
  }

  reset(id: number, code: number): void {
    this.#refuseIdle(id, 'RST_STREAM')
    const stream = this.#client.streams.get(id)
    if (stream === undefined) {
      this.#guard.idle('RST_STREAM on closed streams')
      return
    }
    if (!stream.answered) this.#guard.reset()
    this.#client.remove(stream, 'completed', code)
  }

  windowUpdate(id: number, increment: number): void {
    const client = this.#client
    this.#refuseIdle(id, 'WINDOW_UPDATE')
    const stream = client.streams.get(id)
    if (stream === undefined) this.#guard.idle('WINDOW_UPDATE on closed streams')
    if (increment === 0) {
      this.#failAny(id, ErrorCode.protocol)
      return
    }
    if (stream === undefined) return
    const { response } = stream
    if (response.window + increment > MAX_WINDOW) {
      client.failStream(stream, ErrorCode.flowControl)
      return
    }
    response.window += increment
    stream.upstream.responseCredit(stream, increment)
    client.responses.drain(response)
  }

  /**
   * A stream error that does not depend on the stream's state: on one that has ended it is told as well, so that the answer to a broken
   * frame is the same however fast the response was. Silent where the stream was reset here (§5.1) or is beyond a GOAWAY (§6.8).
   */
  #failAny(id: number, code: number): void {
    const client = this.#client
    const stream = client.streams.get(id)
    if (stream !== undefined) client.failStream(stream, code)
    else if (id <= client.farewell.lastAccepted && client.recent.endingOf(id) !== 'reset')
      client.link.send(resetFrame(id, code))
  }

  /** §5.1: on a stream that no one has opened only HEADERS and PRIORITY make sense; what GOAWAY left out may be open for the client (§6.8). */
  #refuseIdle(id: number, what: string): void {
    const { lastId, farewell } = this.#client
    if (id === 0 || (id & 1) === 0 || (id > lastId && id <= farewell.lastAccepted))
      throw protocolError(`${what} on an idle stream`)
  }
}
