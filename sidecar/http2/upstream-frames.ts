// Reads what an upstream sends, frame by frame: the client's side of RFC 9113 §5.1 and §6.

import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { FRAME_HEADER, Flag, FrameType, pingFrame, read31, resetFrame, streamId } from './frame.ts'
import type { FrameSink } from './frame-reader.ts'
import { BlockAssembly, fragmentEnd, fragmentStart, isBare } from './header-block.ts'
import { type Block, responseData, responseHead } from './response-intake.ts'
import { SETTINGS_ACK, readSettings } from './settings.ts'
import type { Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'

export class UpstreamFrames implements FrameSink {
  readonly #client: Downstream
  readonly #upstream: Upstream
  readonly #assembly: BlockAssembly
  readonly #pings: (() => void)[] = []

  constructor(client: Downstream, upstream: Upstream) {
    this.#client = client
    this.#upstream = upstream
    this.#assembly = new BlockAssembly(client.context.limits)
  }

  /** `answered` when the upstream has acknowledged, or is gone. */
  ping(answered: () => void): void {
    this.#pings.push(answered)
    this.#upstream.link.send(pingFrame(false, Buffer.alloc(8)))
  }

  /** Nothing more will come: a keepalive probe is answered by those that are left. */
  end(): void {
    for (const answered of this.#pings.splice(0)) answered()
  }

  frame(bytes: Buffer, at: number, length: number): void {
    const upstream = this.#upstream
    const type = bytes[at + 3]!
    const flags = bytes[at + 4]!
    const id = streamId(bytes, at)
    if (this.#assembly.stream !== 0 && (type !== FrameType.continuation || id !== this.#assembly.stream)) {
      throw new ConnectionError(ErrorCode.protocol, 'a frame inside a header block')
    }
    if (!upstream.ready && (type !== FrameType.settings || (flags & Flag.ack) !== 0))
      throw new ConnectionError(ErrorCode.protocol, 'no SETTINGS first')
    switch (type) {
      case FrameType.data:
        upstream.received(length)
        responseData(this.#client, upstream, this.#streamOf(id), bytes, at, length)
        return
      case FrameType.headers: {
        if ((flags & Flag.endHeaders) === 0) {
          this.#assembly.begin(bytes, at)
          return
        }
        const start = fragmentStart(bytes, at)
        const endStream = (flags & Flag.endStream) !== 0
        const frameAt = isBare(bytes, at) ? at : -1
        this.#block({ id, endStream, block: bytes, frameAt, start, end: fragmentEnd(bytes, at) })
        return
      }
      case FrameType.continuation: {
        const block = this.#assembly.continue(bytes, at, length)
        if (block === undefined) return
        this.#block({ id, endStream: this.#assembly.endStream, block, frameAt: -1, start: 0, end: block.length })
        return
      }
      case FrameType.priority:
        if (id === 0) throw new ConnectionError(ErrorCode.protocol, 'PRIORITY on stream 0')
        expectLength(length === 5, 'PRIORITY')
        return
      case FrameType.reset:
        expectLength(length === 4, 'RST_STREAM')
        this.#reset(id, bytes.readUInt32BE(at + FRAME_HEADER))
        return
      case FrameType.settings:
        this.#settings(id, flags, bytes, at, length)
        return
      case FrameType.pushPromise:
        throw new ConnectionError(ErrorCode.protocol, 'PUSH_PROMISE, which is switched off')
      case FrameType.ping:
        expectNoStream(id, 'PING')
        expectLength(length === 8, 'PING')
        if ((flags & Flag.ack) !== 0) this.#pings.shift()?.()
        else upstream.link.sendSoon(pingFrame(true, bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + 8)))
        return
      case FrameType.goaway:
        expectNoStream(id, 'GOAWAY')
        expectLength(length >= 8, 'GOAWAY')
        this.#goaway(read31(bytes, at + FRAME_HEADER))
        return
      case FrameType.windowUpdate:
        expectLength(length === 4, 'WINDOW_UPDATE')
        this.#windowUpdate(id, read31(bytes, at + FRAME_HEADER))
        return
      default:
    }
  }

  /** Undefined for a stream that is over. §5.1: on one that was never opened here nothing makes sense. */
  #streamOf(id: number): Stream | undefined {
    if (id === 0 || (id & 1) === 0 || id > this.#upstream.requests.lastId)
      throw new ConnectionError(ErrorCode.protocol, `a frame on stream ${id}, which is idle`)
    const stream = this.#client.streams.get(id)
    return stream?.upstream === this.#upstream && stream.sent ? stream : undefined
  }

  #block(part: Block): void {
    const upstream = this.#upstream
    responseHead(this.#client, upstream, this.#streamOf(part.id), part)
    if (upstream.table?.isGone === true) upstream.table = undefined
  }

  #reset(id: number, code: number): void {
    const stream = this.#streamOf(id)
    if (stream === undefined) return
    const frame = resetFrame(id, code)
    stream.response.ended = true
    if (stream.response.queue !== undefined && code === ErrorCode.noError) {
      this.#client.responses.resetAfter(stream.response, frame)
      return
    }
    this.#client.link.send(frame)
    this.#client.remove(stream, 'reset')
  }

  #settings(id: number, flags: number, bytes: Buffer, at: number, length: number): void {
    expectNoStream(id, 'SETTINGS')
    if ((flags & Flag.ack) !== 0) {
      expectLength(length === 0, 'the acknowledgement of SETTINGS')
      this.#upstream.table?.acknowledge()
      return
    }
    const settings = readSettings(bytes, at, length, 'server')
    this.#upstream.link.send(SETTINGS_ACK)
    this.#upstream.requests.apply(settings)
  }

  #windowUpdate(id: number, increment: number): void {
    if (id === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.protocol, 'a WINDOW_UPDATE of 0')
      this.#upstream.requests.grow(increment)
      return
    }
    const stream = this.#streamOf(id)
    if (stream === undefined) return
    if (increment === 0) this.#client.answers.badResponse(stream, 'it sent a WINDOW_UPDATE of 0')
    else if (!stream.request.passed) this.#upstream.requests.growStream(stream, increment)
  }

  /** Streams above `last` were not seen by anyone. The client is not told (RFC 9113 §6.8). */
  #goaway(last: number): void {
    const upstream = this.#upstream
    // First of all: what is reset below must not make room here for what waits.
    upstream.draining = true
    for (const stream of this.#client.streams.values()) {
      if (stream.upstream === upstream && stream.sent && stream.id > last) {
        this.#client.resetStream(stream, ErrorCode.refusedStream, undefined)
      }
    }
    upstream.handOver()
  }
}

function expectNoStream(id: number, what: string): void {
  if (id !== 0) throw new ConnectionError(ErrorCode.protocol, `${what} on a stream`)
}

function expectLength(holds: boolean, what: string): void {
  if (!holds) throw new ConnectionError(ErrorCode.frameSize, `${what} of a broken length`)
}
