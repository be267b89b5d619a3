// Reads what an upstream sends, frame by frame: the client's side of RFC 9113 §5.1 and §6.

import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { FRAME_HEADER, Flag, FrameType, pingFrame, read31, streamId } from './frame.ts'
import type { FrameSink } from './frame-reader.ts'
import { BlockAssembly, fragmentEnd, fragmentStart } from './header-block.ts'
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
    if (!upstream.ready && type !== FrameType.settings)
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
        this.#block({ id, endStream, block: bytes, frameAt: at, start, end: fragmentEnd(bytes, at) })
        return
      }
      case FrameType.continuation: {
        const block = this.#assembly.continue(bytes, at, length)
        if (block === undefined) return
        this.#block({ id, endStream: this.#assembly.endStream, block, frameAt: -1, start: 0, end: block.length })
        return
      }
      case FrameType.reset:
        expectLength(length === 4, 'RST_STREAM')
        this.#reset(id, bytes, at)
        return
      case FrameType.settings:
        this.#settings(id, flags, bytes, at, length)
        return
      case FrameType.pushPromise:
        throw new ConnectionError(ErrorCode.protocol, 'PUSH_PROMISE, which is switched off')
      case FrameType.ping:
        expectLength(length === 8, 'PING')
        if ((flags & Flag.ack) !== 0) this.#pings.shift()?.()
        else upstream.link.sendSoon(pingFrame(true, bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + 8)))
        return
      case FrameType.goaway:
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

  /** Undefined for a stream that is over. */
  #streamOf(id: number): Stream | undefined {
    if (id === 0) throw new ConnectionError(ErrorCode.protocol, 'a stream frame on stream 0')
    const stream = this.#client.streams.get(id)
    return stream?.upstream === this.#upstream && stream.sent ? stream : undefined
  }

  #block(part: Block): void {
    const upstream = this.#upstream
    responseHead(this.#client, upstream, this.#streamOf(part.id), part)
    if (upstream.table?.isGone === true) upstream.table = undefined
  }

  #reset(id: number, bytes: Buffer, at: number): void {
    const stream = this.#streamOf(id)
    if (stream === undefined) return
    const frame = Buffer.from(bytes.subarray(at, at + FRAME_HEADER + 4))
    stream.response.ended = true
    if (stream.response.queue !== undefined && frame.readUInt32BE(FRAME_HEADER) === ErrorCode.noError) {
      this.#client.responses.resetAfter(stream.response, frame)
      return
    }
    this.#client.link.send(frame)
    this.#client.remove(stream, 'reset')
  }

  #settings(id: number, flags: number, bytes: Buffer, at: number, length: number): void {
    if (id !== 0) throw new ConnectionError(ErrorCode.protocol, 'SETTINGS on a stream')
    if ((flags & Flag.ack) !== 0) {
      this.#upstream.table?.acknowledge()
      return
    }
    const settings = readSettings(bytes, at, length, 'server')
    this.#upstream.link.send(SETTINGS_ACK)
    this.#upstream.apply(settings)
  }

  #windowUpdate(id: number, increment: number): void {
    if (id === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.protocol, 'a WINDOW_UPDATE of 0')
      this.#upstream.grow(increment)
      return
    }
    const stream = this.#streamOf(id)
    if (stream === undefined || stream.request.passed) return
    if (increment === 0) this.#client.failStream(stream, ErrorCode.protocol)
    else this.#upstream.growStream(stream, increment)
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

function expectLength(holds: boolean, what: string): void {
  if (!holds) throw new ConnectionError(ErrorCode.frameSize, `${what} of a broken length`)
}
