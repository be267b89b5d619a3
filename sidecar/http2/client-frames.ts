// Reads what a client sends, frame by frame: the server's side of RFC 9113 §5.1 and §6.

import { ConnectionError, ErrorCode } from './error-code.ts'
import type { Downstream } from './downstream.ts'
import { FloodGuard } from './flood-guard.ts'
import { FRAME_HEADER, Flag, FrameType, MAX_WINDOW, PREFACE, read31, resetFrame, streamId } from './frame.ts'
import { FrameReader, type FrameSink } from './frame-reader.ts'
import { BlockAssembly, dependsOnItself, fragmentEnd, fragmentStart } from './header-block.ts'
import { Keepalive } from './keepalive.ts'
import { isEmptyData, requestData, requestHead, requestTrailers } from './request-intake.ts'
import type { Block } from './response-intake.ts'
import { SETTINGS_ACK, readSettings } from './settings.ts'

export class ClientFrames implements FrameSink {
  onPingAck: (() => void) | undefined
  readonly #client: Downstream
  readonly #reader = new FrameReader(this)
  readonly #assembly: BlockAssembly
  readonly #guard: FloodGuard
  readonly #keepalive: Keepalive
  #prefaceRead = 0
  #begun = false

  constructor(client: Downstream) {
    this.#client = client
    this.#assembly = new BlockAssembly(client.context.limits)
    this.#guard = new FloodGuard(client.context.limits)
    this.#keepalive = new Keepalive(client.link, () => client.outlets.flush())
  }

  stop(): void {
    this.#reader.stop()
  }

  /** Throws ConnectionError. */
  push(bytes: Buffer): void {
    if (this.#prefaceRead === PREFACE.length) {
      this.#reader.push(bytes)
      return
    }
    const part = Math.min(PREFACE.length - this.#prefaceRead, bytes.length)
    if (PREFACE.compare(bytes, 0, part, this.#prefaceRead, this.#prefaceRead + part) !== 0) {
      throw new ConnectionError(ErrorCode.protocol, 'a broken preface')
    }
    this.#prefaceRead += part
    if (part < bytes.length) this.#reader.push(bytes.subarray(part))
  }

  frame(bytes: Buffer, at: number, length: number): void {
    const type = bytes[at + 3]!
    const flags = bytes[at + 4]!
    const id = streamId(bytes, at)
    if (this.#assembly.stream !== 0 && (type !== FrameType.continuation || id !== this.#assembly.stream)) {
      throw protocolError('a frame inside a header block')
    }
    if (!this.#begun && (type !== FrameType.settings || (flags & Flag.ack) !== 0))
      throw protocolError('no SETTINGS first')
    switch (type) {
      case FrameType.data:
        this.#data(id, bytes, at, length)
        return
      case FrameType.headers:
        this.#headers(id, flags, bytes, at)
        return
      case FrameType.continuation: {
        const block = this.#assembly.continue(bytes, at, length)
        if (block === undefined) return
        this.#block({ id, endStream: this.#assembly.endStream, block, frameAt: -1, start: 0, end: block.length })
        return
      }
      case FrameType.priority:
        this.#guard.idle('PRIORITY')
        this.#priority(id, bytes, at, length)
        return
      case FrameType.reset:
        expectLength(length, 4, 'RST_STREAM')
        this.#reset(id, bytes.readUInt32BE(at + FRAME_HEADER))
        return
      case FrameType.settings:
        this.#settings(id, flags, bytes, at, length)
        return
      case FrameType.pushPromise:
        throw protocolError('PUSH_PROMISE from a client')
      case FrameType.ping:
        this.#ping(id, flags, bytes, at, length)
        return
      case FrameType.goaway:
        if (id !== 0) throw protocolError('GOAWAY on a stream')
        if (length < 8) throw new ConnectionError(ErrorCode.frameSize, 'GOAWAY of a broken length')
        // It opens no more streams and closes the connection itself when the last one is over.
        return
      case FrameType.windowUpdate:
        expectLength(length, 4, 'WINDOW_UPDATE')
        this.#windowUpdate(id, read31(bytes, at + FRAME_HEADER))
        return
      default:
        this.#guard.idle('unknown frames')
    }
  }

  #data(id: number, bytes: Buffer, at: number, length: number): void {
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
    const { lastAccepted, recent } = this.#client
    if (id > lastAccepted || recent.endingOf(id) === 'reset') return
    this.#guard.idle('DATA on closed streams')
    this.#client.link.send(resetFrame(id, ErrorCode.streamClosed))
  }

  #headers(id: number, flags: number, bytes: Buffer, at: number): void {
    if ((id & 1) === 0) throw protocolError('HEADERS on a stream that clients cannot open')
    const start = fragmentStart(bytes, at)
    if (dependsOnItself(bytes, at)) throw protocolError('a stream that depends on itself')
    if ((flags & Flag.endHeaders) === 0) {
      this.#assembly.begin(bytes, at)
      return
    }
    const endStream = (flags & Flag.endStream) !== 0
    this.#block({ id, endStream, block: bytes, frameAt: at, start, end: fragmentEnd(bytes, at) })
  }

  #block(part: Block): void {
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
    if (id > client.lastAccepted) {
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
  #priority(id: number, bytes: Buffer, at: number, length: number): void {
    if (id === 0) throw protocolError('PRIORITY on stream 0')
    if (length !== 5) {
      if (id > this.#client.lastId) throw new ConnectionError(ErrorCode.frameSize, 'PRIORITY of a broken length')
      this.#failAny(id, ErrorCode.frameSize)
      return
    }
    if (read31(bytes, at + FRAME_HEADER) === id) throw protocolError('a stream that depends on itself')
  }

  #reset(id: number, code: number): void {
    this.#refuseIdle(id, 'RST_STREAM')
    const stream = this.#client.streams.get(id)
    if (stream === undefined) {
      this.#guard.idle('RST_STREAM on closed streams')
      return
    }
    if (!stream.answered) this.#guard.reset()
    this.#client.remove(stream, 'completed', code)
  }

  #settings(id: number, flags: number, bytes: Buffer, at: number, length: number): void {
    const client = this.#client
    if (id !== 0) throw protocolError('SETTINGS on a stream')
    if ((flags & Flag.ack) !== 0) {
      expectLength(length, 0, 'the acknowledgement of SETTINGS')
      this.#guard.idle('SETTINGS')
      client.table?.acknowledge()
      return
    }
    this.#guard.idle('SETTINGS')
    const settings = readSettings(bytes, at, length, 'client')
    if (settings.maxHeaderListSize !== undefined) client.maxHeaderListSize = settings.maxHeaderListSize
    if (settings.initialWindowSize !== undefined) this.#changeWindow(settings.initialWindowSize)
    client.link.send(SETTINGS_ACK)
    if (this.#begun) return
    this.#begun = true
    client.begun()
  }

  /** Upstream sessions are told; the sidecar holds the windows by itself, so the acknowledgement need not wait for theirs. */
  #changeWindow(size: number): void {
    const client = this.#client
    const change = size - client.clientWindow
    if (change === 0) return
    client.clientWindow = size
    for (const { response } of client.streams.values()) {
      response.window += change
      if (response.window > MAX_WINDOW) throw new ConnectionError(ErrorCode.flowControl, 'a window above 2^31 - 1')
      if (change > 0) client.responses.drain(response)
    }
    for (const upstream of client.pool.sessions) upstream.announceWindow(size)
  }

  #ping(id: number, flags: number, bytes: Buffer, at: number, length: number): void {
    if (id !== 0) throw protocolError('PING on a stream')
    expectLength(length, 8, 'PING')
    this.#guard.idle('PING')
    if ((flags & Flag.ack) === 0) {
      this.#keepalive.ping(bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + 8), this.#client.pool.sessions)
    } else this.onPingAck?.()
  }

  #windowUpdate(id: number, increment: number): void {
    const client = this.#client
    if (id === 0) {
      if (increment === 0) throw protocolError('a WINDOW_UPDATE of 0')
      client.responses.grow(increment)
      return
    }
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
    else if (id <= client.lastAccepted && client.recent.endingOf(id) !== 'reset') client.link.send(resetFrame(id, code))
  }

  /** §5.1: on a stream that no one has opened only HEADERS and PRIORITY make sense; what GOAWAY left out may be open for the client (§6.8). */
  #refuseIdle(id: number, what: string): void {
    const { lastId, lastAccepted } = this.#client
    if (id === 0 || (id & 1) === 0 || (id > lastId && id <= lastAccepted))
      throw protocolError(`${what} on an idle stream`)
  }
}

function expectLength(length: number, expected: number, what: string): void {
  if (length !== expected) throw new ConnectionError(ErrorCode.frameSize, `${what} of ${length} bytes`)
}

function protocolError(reason: string): ConnectionError {
  return new ConnectionError(ErrorCode.protocol, reason)
}
