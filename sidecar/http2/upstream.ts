// One HTTP/2 session to the baseline or a fork, for one client connection: the client's side of RFC 9113 on a socket.

import { type Address, formatAddress } from '../../core/address.ts'
import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { Flag, goawayFrame, resetFrame, windowUpdate } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { DynamicTable } from './hpack/dynamic-table.ts'
import { Link, type LinkOwner } from './link.ts'
import { RequestWindows } from './request-windows.ts'
import { ResponseCredit } from './response-credit.ts'
import { SendPath, type SendPathOwner } from './send-path.ts'
import { type PeerSettings, Setting, settingsFrame } from './settings.ts'
import type { Half, Stream } from './stream.ts'
import { UpstreamFrames } from './upstream-frames.ts'
import { moveToSuccessor } from './upstream-loss.ts'
import { dialUpstream, greetUpstream } from './upstream-opening.ts'
import { WaitingStreams } from './waiting-streams.ts'

const DEFAULT_TABLE = 4096

export class Upstream implements LinkOwner, SendPathOwner {
  /** Where it leads, or tries to. */
  address: Address
  readonly isFork: boolean
  /** Its SETTINGS have come: windows and limits are known, streams may open. */
  ready = false
  /** It takes no more streams. */
  draining = false
  closed = false
  /** Its MAX_CONCURRENT_STREAMS. */
  maxStreams = Number.POSITIVE_INFINITY
  /** The last stream that was opened on it. */
  lastId = 0
  /** It takes CONNECT with :protocol (RFC 8441 §3). */
  takesConnectProtocol = false
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
  readonly #frames: UpstreamFrames
  readonly #reader: FrameReader
  readonly #requests: SendPath
  readonly #windows: RequestWindows
  readonly #credit: ResponseCredit
  readonly #waiting: WaitingStreams

  /** Leads to the first address of `order` that accepts. */
  constructor(client: Downstream, order: readonly Address[], isFork: boolean) {
    this.#client = client
    this.address = order[0]!
    this.isFork = isFork
    const take = (bytes: Buffer): void => this.chunk(bytes)
    const attempt = (address: Address): void => void (this.address = address)
    this.link = new Link(dialUpstream(client, { order, isFork, take, attempt }), client.outlets, this)
    this.#frames = new UpstreamFrames(client, this)
    this.#reader = new FrameReader(this.#frames)
    this.#requests = new SendPath(this.link, this)
    this.#windows = new RequestWindows(client, this, this.#requests)
    this.#credit = new ResponseCredit(client.context.limits, client.link, (increment) => {
      if (!this.closed) this.link.send(windowUpdate(0, increment))
    })
    this.#waiting = new WaitingStreams(client)
    greetUpstream(this.link, client)
  }

  get name(): string {
    return formatAddress(this.address)
  }

  get hasPending(): boolean {
    return this.#waiting.some
  }

  /** Takes a stream's HEADERS, `bytes[start, end)`: sends them, or keeps a copy until it may. */
  open(stream: Stream, bytes: Buffer, start: number, end: number): void {
    if (this.ready && !this.draining && this.active < this.maxStreams && !this.#waiting.some)
      this.#start(stream, bytes, start, end)
    else this.#waiting.add(stream, bytes, start, end)
  }

  /** Takes streams that another session of the same address did not send. */
  adopt(streams: readonly Stream[]): void {
    for (const stream of streams) {
      stream.upstream = this
      stream.moves++
      this.#waiting.adopt(stream)
    }
    this.#admit()
  }

  /** Gives up the streams that wait. */
  surrender(): readonly Stream[] {
    return this.#waiting.surrender()
  }

  requestData(stream: Stream, bytes: Buffer, at: number, length: number): void {
    this.#requests.data(stream.request, bytes, at, length, stream.sent)
    if (!stream.request.ended && !this.closed) {
      stream.uploads = true
      if (stream.sent) this.#windows.grantLead(stream)
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
    this.#frames.ping(answered)
  }

  /** The stream is over or given up. `code`: tell the upstream, which may not know. */
  forget(stream: Stream, code: number | undefined): void {
    this.#requests.drop(stream.request)
    this.#waiting.forget(stream)
    if (!stream.sent) return
    if (code !== undefined) this.link.send(resetFrame(stream.id, code))
    this.active--
    this.idleSince = Date.now()
    this.#admit()
    this.leaveIfDone()
  }

  /** Response bytes have gone to the client, or nowhere: the upstream may send as many again. */
  credit(length: number): void {
    this.#credit.give(length)
  }

  creditOwed(): void {
    this.#credit.pay()
  }

  /** Its new SETTINGS hold from here on. */
  apply(settings: PeerSettings): void {
    if (settings.maxConcurrentStreams !== undefined) this.maxStreams = settings.maxConcurrentStreams
    if (settings.initialWindowSize !== undefined) this.#windows.change(settings.initialWindowSize)
    if (settings.enableConnectProtocol === true) this.takesConnectProtocol = true
    this.ready = true
    this.#client.upstreamSettled(this)
    this.#admit()
  }

  /** A DATA frame came. Throws FLOW_CONTROL_ERROR. */
  received(length: number): void {
    this.#credit.take(length)
  }

  /** The connection may send more. Throws FLOW_CONTROL_ERROR. */
  grow(increment: number): void {
    this.#requests.grow(increment)
  }

  /** The stream may send more. */
  growStream(stream: Stream, increment: number): void {
    this.#windows.grow(stream, increment)
  }

  /** Is draining: streams that were not sent yet go to a fresh session. */
  handOver(): void {
    moveToSuccessor(this.#client, this)
    this.leaveIfDone()
  }

  leaveIfDone(): void {
    if (this.draining && this.active === 0 && !this.closed) this.link.close()
  }

  /** Closes an idle session in good order. */
  retire(): void {
    this.draining = true
    this.link.send(goawayFrame(0, ErrorCode.noError))
    this.leaveIfDone()
  }

  destroy(): void {
    this.closed = true
    this.#reader.stop()
    this.link.socket.destroy()
  }

  chunk(bytes: Buffer): void {
    this.lastChunkAt = Date.now()
    this.#client.context.read(bytes.length)
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
    this.#client.credit.drained()
    this.#client.outlets.flush()
  }

  closedWith(error: Error | undefined): void {
    this.#gone(error)
  }

  // What the request path reports.

  sent(): void {}

  dropped(half: Half, length: number): void {
    this.#client.creditStream(half.stream, length)
  }

  finished(half: Half): void {
    half.passed = true
    this.#client.endIfDone(half.stream)
  }

  waiting(length: number): void {
    this.#client.credit.waiting(length)
    this.#client.context.waits(length)
  }

  #start(stream: Stream, bytes: Buffer, start: number, end: number): void {
    const { request } = stream
    stream.head = undefined
    if (stream.traits.isExtended && !this.takesConnectProtocol) {
      this.#client.answers.badResponse(stream, 'it does not take CONNECT with :protocol')
      return
    }
    stream.sent = true
    this.active++
    this.lastId = stream.id
    request.window = this.#windows.initial
    this.#client.countSent(this)
    this.link.putHead(bytes, start, end)
    if (stream.earlyCredit > 0) this.link.send(windowUpdate(stream.id, stream.earlyCredit))
    if ((bytes[start + 4]! & Flag.endStream) !== 0) this.finished(request)
    else if (request.queue !== undefined) this.#requests.drain(request)
    if (stream.uploads && !request.ended) this.#windows.grantLead(stream)
  }

  #admit(): void {
    if (!this.ready || this.draining || this.closed || !this.#waiting.some) return
    this.#waiting.admit(
      () => this.active < this.maxStreams,
      (stream, head) => this.#start(stream, head, 0, head.length),
    )
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
    this.#frames.end()
    this.#client.upstreamGone(this, error)
  }
}
