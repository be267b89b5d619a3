// One HTTP/2 session to the baseline or a fork, for one client connection: the client's side of RFC 9113 on a socket.

import net from 'node:net'
import { type Address, formatAddress } from '../../core/address.ts'
import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { DEFAULT_WINDOW, FRAME_HEADER, Flag, FrameType, MAX_WINDOW, PREFACE } from './frame.ts'
import { goawayFrame, pingFrame, read31, resetFrame, streamId, windowUpdate } from './frame.ts'
import { type FrameSink, FrameReader } from './frame-reader.ts'
import { BlockAssembly, fragmentEnd, fragmentStart } from './header-block.ts'
import { DynamicTable } from './hpack/dynamic-table.ts'
import { Link, type LinkOwner } from './link.ts'
import { ReceiveWindow } from './receive-window.ts'
import { responseData, responseHead } from './response-intake.ts'
import { SendPath, type SendPathOwner } from './send-path.ts'
import { SETTINGS_ACK, Setting, readSettings, settingsFrame } from './settings.ts'
import type { Half, Stream } from './stream.ts'

const DEFAULT_TABLE = 4096

export class Upstream implements FrameSink, LinkOwner, SendPathOwner {
  readonly address: Address
  readonly isFork: boolean
  /** Its SETTINGS have come: windows and limits are known, streams may open. */
  ready = false
  /** It takes no more streams. */
  draining = false
  closed = false
  /** Streams that it has and that are not over. */
  active = 0
  /** Since when it has none, in milliseconds of the epoch. */
  idleSince = Date.now()
  lastChunkAt = 0
  /** Why it was given up, if this side did so. */
  failure: Error | undefined
  /** Of its encoder; undefined once it has said that it keeps none. */
  table: DynamicTable | undefined = new DynamicTable(DEFAULT_TABLE)
  readonly link: Link
  readonly #client: Downstream
  readonly #reader = new FrameReader(this)
  readonly #assembly: BlockAssembly
  readonly #requests: SendPath
  readonly #receive: ReceiveWindow
  /** Streams whose HEADERS wait for SETTINGS or for a place among its MAX_CONCURRENT_STREAMS, in the order of their ids. */
  readonly #pending = new Set<Stream>()
  readonly #pings: (() => void)[] = []
  #initialWindow = DEFAULT_WINDOW
  #maxStreams = Number.POSITIVE_INFINITY
  /** Credit that the client's socket must first make room for. */
  #owed = 0
  #connectTimer: NodeJS.Timeout | undefined

  constructor(client: Downstream, address: Address, isFork: boolean) {
    const { limits } = client.context
    this.#client = client
    this.address = address
    this.isFork = isFork
    const socket = net.connect({ host: address.host, port: address.port, noDelay: true })
    this.link = new Link(socket, client.outlets, this)
    this.#assembly = new BlockAssembly(limits)
    this.#requests = new SendPath(this.link, this)
    this.#receive = new ReceiveWindow(limits.connectionWindow)
    if (isFork) {
      const give = (): void => void socket.destroy(new Error(`no connection within ${limits.connectMs} ms`))
      this.#connectTimer = setTimeout(give, limits.connectMs)
      socket.once('connect', () => clearTimeout(this.#connectTimer))
    }
    this.link.send(PREFACE)
    this.link.send(
      settingsFrame([
        [Setting.headerTableSize, 0],
        [Setting.enablePush, 0],
        [Setting.initialWindowSize, client.clientWindow],
        [Setting.maxHeaderListSize, client.maxHeaderListSize],
      ]),
    )
    this.link.send(windowUpdate(0, limits.connectionWindow - DEFAULT_WINDOW))
  }

  get name(): string {
    return formatAddress(this.address)
  }

  get hasPending(): boolean {
    return this.#pending.size > 0
  }

  get maxStreams(): number {
    return this.#maxStreams
  }

  /** Takes a stream's HEADERS, `bytes[start, end)`: sends them, or keeps a copy until it may. */
  open(stream: Stream, bytes: Buffer, start: number, end: number): void {
    if (this.ready && !this.draining && this.active < this.#maxStreams && this.#pending.size === 0) {
      this.#start(stream, bytes, start, end)
      return
    }
    stream.head = Buffer.from(bytes.subarray(start, end))
    this.#client.waiting(end - start)
    this.#pending.add(stream)
  }

  /** Takes streams that another session of the same address did not send. */
  adopt(streams: readonly Stream[]): void {
    for (const stream of streams) {
      stream.upstream = this
      stream.moves++
      this.#pending.add(stream)
    }
  }

  /** Gives up the streams that wait. */
  surrender(): readonly Stream[] {
    const streams = [...this.#pending]
    this.#pending.clear()
    return streams
  }

  requestData(stream: Stream, bytes: Buffer, at: number, length: number): void {
    this.#requests.data(stream.request, bytes, at, length, stream.sent)
    if (!stream.request.ended && !this.closed) {
      stream.uploads = true
      if (stream.sent) this.#grantLead(stream)
    }
  }

  requestTrailers(stream: Stream, bytes: Buffer, start: number, end: number): void {
    this.#requests.head(stream.request, bytes, start, end, true, stream.sent)
  }

  /** The client's credit for the response. */
  responseCredit(stream: Stream, increment: number): void {
    if (!stream.sent) stream.earlyCredit += increment
    else if (!stream.response.ended) this.link.send(windowUpdate(stream.id, increment))
  }

  /** The client's new initial window; the sidecar keeps to it by itself, so nothing waits for the acknowledgement. */
  announceWindow(size: number): void {
    this.link.send(settingsFrame([[Setting.initialWindowSize, size]]))
  }

  /** `answered` when the upstream has acknowledged, never if it does not. */
  ping(answered: () => void): void {
    this.#pings.push(answered)
    this.link.send(pingFrame(false, Buffer.alloc(8)))
  }

  /** The stream is over or given up. `code`: tell the upstream, which may not know. */
  forget(stream: Stream, code: number | undefined): void {
    const dropped = this.#requests.drop(stream.request)
    if (dropped > 0) this.#client.requestBytesPassed()
    if (this.#pending.delete(stream)) {
      this.#client.waiting(-(stream.head?.length ?? 0))
      stream.head = undefined
    }
    if (!stream.sent) return
    if (code !== undefined) this.link.send(resetFrame(stream.id, code))
    this.active--
    this.idleSince = Date.now()
    this.#admit()
    this.#leaveIfDone()
  }

  /** Response bytes have gone to the client, or nowhere: the upstream may send as many again. */
  credit(length: number): void {
    if (this.#client.isCongested) {
      this.#owed += length
      return
    }
    const increment = this.#receive.give(length)
    if (increment > 0 && !this.closed) this.link.send(windowUpdate(0, increment))
  }

  creditOwed(): void {
    const owed = this.#owed
    this.#owed = 0
    if (owed > 0) this.credit(owed)
  }

  /** Closes an idle session in good order. */
  retire(): void {
    this.draining = true
    this.link.send(goawayFrame(0, ErrorCode.noError))
    this.#leaveIfDone()
  }

  destroy(): void {
    this.closed = true
    this.#reader.stop()
    clearTimeout(this.#connectTimer)
    this.link.socket.destroy()
  }

  chunk(bytes: Buffer): void {
    this.lastChunkAt = Date.now()
    try {
      this.#reader.push(bytes)
    } catch (error) {
      this.#fail(error)
    }
    this.#client.settle(this)
  }

  ended(): void {
    this.link.socket.destroy()
  }

  drained(): void {
    this.#client.requestBytesPassed()
    this.#client.outlets.flush()
  }

  closedWith(error: Error | undefined): void {
    clearTimeout(this.#connectTimer)
    this.#gone(error)
  }

  frame(bytes: Buffer, at: number, length: number): void {
    const type = bytes[at + 3]!
    const flags = bytes[at + 4]!
    const id = streamId(bytes, at)
    if (this.#assembly.stream !== 0 && (type !== FrameType.continuation || id !== this.#assembly.stream)) {
      throw new ConnectionError(ErrorCode.protocol, 'a frame inside a header block')
    }
    if (!this.ready && type !== FrameType.settings) throw new ConnectionError(ErrorCode.protocol, 'no SETTINGS first')
    switch (type) {
      case FrameType.data:
        this.#receive.take(length)
        responseData(this.#client, this, this.#streamOf(id), bytes, at, length)
        return
      case FrameType.headers:
        if ((flags & Flag.endHeaders) === 0) this.#assembly.begin(bytes, at)
        else
          this.#block(id, (flags & Flag.endStream) !== 0, bytes, at, fragmentStart(bytes, at), fragmentEnd(bytes, at))
        return
      case FrameType.continuation: {
        const block = this.#assembly.continue(bytes, at, length)
        if (block !== undefined) this.#block(id, this.#assembly.endStream, block, -1, 0, block.length)
        return
      }
      case FrameType.reset:
        if (length !== 4) throw new ConnectionError(ErrorCode.frameSize, 'RST_STREAM of a broken length')
        this.#reset(id, bytes, at)
        return
      case FrameType.settings:
        this.#settings(flags, bytes, at, length)
        return
      case FrameType.pushPromise:
        throw new ConnectionError(ErrorCode.protocol, 'PUSH_PROMISE, which is switched off')
      case FrameType.ping:
        if (length !== 8) throw new ConnectionError(ErrorCode.frameSize, 'PING of a broken length')
        if ((flags & Flag.ack) !== 0) this.#pings.shift()?.()
        else this.link.sendSoon(pingFrame(true, bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + 8)))
        return
      case FrameType.goaway:
        if (length < 8) throw new ConnectionError(ErrorCode.frameSize, 'GOAWAY of a broken length')
        this.#goaway(read31(bytes, at + FRAME_HEADER))
        return
      case FrameType.windowUpdate:
        if (length !== 4) throw new ConnectionError(ErrorCode.frameSize, 'WINDOW_UPDATE of a broken length')
        this.#windowUpdate(id, read31(bytes, at + FRAME_HEADER))
        return
      default:
    }
  }

  // What the request path reports.

  sent(_half: Half, _length: number, waited: boolean): void {
    if (waited) this.#client.requestBytesPassed()
  }

  dropped(half: Half, length: number): void {
    this.#client.creditStream(half.stream, length)
  }

  finished(half: Half): void {
    half.passed = true
    this.#client.endIfDone(half.stream)
  }

  waiting(length: number): void {
    this.#client.waiting(length)
  }

  #start(stream: Stream, bytes: Buffer, start: number, end: number): void {
    const { request } = stream
    stream.sent = true
    stream.head = undefined
    this.active++
    request.window = this.#initialWindow
    this.#client.countSent(this)
    this.link.putHead(bytes, start, end)
    if (stream.earlyCredit > 0) this.link.send(windowUpdate(stream.id, stream.earlyCredit))
    if ((bytes[start + 4]! & Flag.endStream) !== 0) this.finished(request)
    else if (request.queue !== undefined) this.#requests.drain(request)
    if (stream.uploads && !request.ended) this.#grantLead(stream)
  }

  #admit(): void {
    if (!this.ready || this.draining || this.closed) return
    for (const stream of this.#pending) {
      if (this.active >= this.#maxStreams) return
      this.#pending.delete(stream)
      const { head } = stream
      if (head === undefined) continue
      this.#client.waiting(-head.length)
      this.#start(stream, head, 0, head.length)
    }
  }

  /** The upstream takes more than the default that the client knows of. */
  #grantLead(stream: Stream): void {
    const { lead } = stream
    if (lead < 0) this.#client.creditStream(stream, -lead)
  }

  #streamOf(id: number): Stream | undefined {
    if (id === 0) throw new ConnectionError(ErrorCode.protocol, 'a stream frame on stream 0')
    const stream = this.#client.streams.get(id)
    return stream?.upstream === this && stream.sent ? stream : undefined
  }

  #block(id: number, endStream: boolean, block: Buffer, frameAt: number, start: number, end: number): void {
    responseHead(this.#client, this, this.#streamOf(id), { id, endStream, block, frameAt, start, end })
    if (this.table?.isGone === true) this.table = undefined
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

  #settings(flags: number, bytes: Buffer, at: number, length: number): void {
    if (streamId(bytes, at) !== 0) throw new ConnectionError(ErrorCode.protocol, 'SETTINGS on a stream')
    if ((flags & Flag.ack) !== 0) {
      this.table?.acknowledge()
      return
    }
    const settings = readSettings(bytes, at, length, 'server')
    this.link.send(SETTINGS_ACK)
    if (settings.maxConcurrentStreams !== undefined) this.#maxStreams = settings.maxConcurrentStreams
    if (settings.initialWindowSize !== undefined) this.#changeWindow(settings.initialWindowSize)
    this.ready = true
    this.#client.upstreamSettled(this)
    this.#admit()
  }

  #changeWindow(size: number): void {
    const change = size - this.#initialWindow
    this.#initialWindow = size
    if (change === 0) return
    for (const stream of this.#client.streams.values()) {
      if (stream.upstream !== this || !stream.sent || stream.request.passed) continue
      stream.request.window += change
      if (change > 0) this.#requests.drain(stream.request)
      if (stream.uploads && !stream.request.ended) this.#grantLead(stream)
    }
  }

  #windowUpdate(id: number, increment: number): void {
    if (id === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.protocol, 'a WINDOW_UPDATE of 0')
      this.#requests.grow(increment)
      return
    }
    const stream = this.#streamOf(id)
    if (stream === undefined || stream.request.passed) return
    const { request } = stream
    // What was promised to the client ahead is made good first.
    const ahead = Math.min(Math.max(stream.lead, 0), increment)
    request.window += increment
    if (increment === 0 || request.window > MAX_WINDOW) {
      this.#client.failStream(stream, increment === 0 ? ErrorCode.protocol : ErrorCode.flowControl)
      return
    }
    if (increment > ahead && !request.ended) this.#client.creditStream(stream, increment - ahead)
    this.#requests.drain(request)
  }

  /** Streams above `last` were not seen by anyone; those not sent yet go to a fresh session. The client is not told (RFC 9113 §6.8). */
  #goaway(last: number): void {
    this.draining = true
    for (const stream of this.#client.streams.values()) {
      if (stream.upstream === this && stream.sent && stream.id > last) {
        this.#client.resetStream(stream, ErrorCode.refusedStream, undefined)
      }
    }
    this.#client.replace(this)
    this.#leaveIfDone()
  }

  #leaveIfDone(): void {
    if (this.draining && this.active === 0 && !this.closed) this.link.close()
  }

  #fail(error: unknown): void {
    const code = error instanceof ConnectionError ? error.code : ErrorCode.internal
    this.failure = error instanceof Error ? error : new Error(String(error))
    this.#reader.stop()
    this.link.send(goawayFrame(0, code))
    this.link.close()
    this.#gone(this.failure)
  }

  /** Once, whoever ends it. */
  #gone(error: Error | undefined): void {
    if (this.closed) return
    this.closed = true
    this.#reader.stop()
    // A keepalive probe is answered by those that are left.
    for (const answered of this.#pings.splice(0)) answered()
    this.#client.upstreamGone(this, error)
  }
}
