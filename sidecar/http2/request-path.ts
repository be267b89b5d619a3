// The way of requests to one upstream session: which streams it has and may have, which wait, and what of their bodies it takes.

import type { Downstream } from './downstream.ts'
import { Flag, resetFrame, windowUpdate } from './frame.ts'
import { RequestWindows } from './request-windows.ts'
import { SendPath, type SendPathOwner } from './send-path.ts'
import type { PeerSettings } from './settings.ts'
import type { Half, Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'
import { WaitingStreams } from './waiting-streams.ts'

export class RequestPath implements SendPathOwner {
  /** The upstream's MAX_CONCURRENT_STREAMS. */
  maxStreams = Number.POSITIVE_INFINITY
  /** It takes CONNECT with :protocol (RFC 8441 §3). */
  takesConnectProtocol = false
  /** The last stream that was opened on it. */
  lastId = 0
  /** Streams that it has and that are not over. */
  active = 0
  /** Since when it has none, in milliseconds of the epoch. */
  idleSince = Date.now()
  readonly #client: Downstream
  readonly #upstream: Upstream
  readonly #bodies: SendPath
  readonly #windows: RequestWindows
  readonly #waiting: WaitingStreams

  constructor(client: Downstream, upstream: Upstream) {
    this.#client = client
    this.#upstream = upstream
    this.#bodies = new SendPath(upstream.link, this)
    this.#windows = new RequestWindows(client, upstream, this.#bodies)
    this.#waiting = new WaitingStreams(client)
  }

  /** Nothing is on it, and nothing waits for it. */
  get isIdle(): boolean {
    return this.active === 0 && !this.#waiting.some
  }

  /** Takes a stream's HEADERS, `bytes[start, end)`: sends them, or keeps a copy until it may. */
  open(stream: Stream, bytes: Buffer, start: number, end: number): void {
    const { ready, draining } = this.#upstream
    if (ready && !draining && this.active < this.maxStreams && !this.#waiting.some)
      this.#start(stream, bytes, start, end)
    else this.#waiting.add(stream, bytes, start, end)
  }

  /** Takes streams that another session of the same address did not send. */
  adopt(streams: readonly Stream[]): void {
    for (const stream of streams) {
      stream.upstream = this.#upstream
      stream.moves++
      this.#waiting.adopt(stream)
    }
    this.#admit()
  }

  /** Gives up the streams that wait. */
  surrender(): readonly Stream[] {
    return this.#waiting.surrender()
  }

  data(stream: Stream, bytes: Buffer, at: number, length: number): void {
    this.#bodies.data(stream.request, bytes, at, length, stream.sent)
    if (!stream.request.ended && !this.#upstream.closed) {
      stream.uploads = true
      if (stream.sent) this.#windows.grantLead(stream)
    }
  }

  trailers(stream: Stream, bytes: Buffer, start: number, end: number): void {
    this.#bodies.head(stream.request, bytes, start, end, true, stream.sent)
  }

  /** The stream is over or given up. `code`: tell the upstream, which may not know. */
  forget(stream: Stream, code: number | undefined): void {
    this.#bodies.drop(stream.request)
    this.#waiting.forget(stream)
    if (!stream.sent) return
    if (code !== undefined) this.#upstream.link.send(resetFrame(stream.id, code))
    this.active--
    this.idleSince = Date.now()
    this.#admit()
    this.#upstream.leaveIfDone()
  }

  /** The upstream's new SETTINGS hold from here on. */
  apply(settings: PeerSettings): void {
    if (settings.maxConcurrentStreams !== undefined) this.maxStreams = settings.maxConcurrentStreams
    if (settings.initialWindowSize !== undefined) this.#windows.change(settings.initialWindowSize)
    if (settings.enableConnectProtocol === true) this.takesConnectProtocol = true
    this.#upstream.ready = true
    this.#client.upstreamSettled(this.#upstream)
    this.#admit()
  }

  /** The connection may send more. Throws FLOW_CONTROL_ERROR. */
  grow(increment: number): void {
    this.#bodies.grow(increment)
  }

  /** The stream may send more. */
  growStream(stream: Stream, increment: number): void {
    this.#windows.grow(stream, increment)
  }

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
    const { link } = this.#upstream
    stream.head = undefined
    if (stream.traits.isExtended && !this.takesConnectProtocol) {
      this.#client.answers.badResponse(stream, 'it does not take CONNECT with :protocol')
      return
    }
    stream.sent = true
    this.active++
    this.lastId = stream.id
    request.window = this.#windows.initial
    this.#client.countSent(this.#upstream)
    link.putHead(bytes, start, end)
    if (stream.earlyCredit > 0) link.send(windowUpdate(stream.id, stream.earlyCredit))
    if ((bytes[start + 4]! & Flag.endStream) !== 0) this.finished(request)
    else if (request.queue !== undefined) this.#bodies.drain(request)
    if (stream.uploads && !request.ended) this.#windows.grantLead(stream)
  }

  #admit(): void {
    const { ready, draining, closed } = this.#upstream
    if (!ready || draining || closed || !this.#waiting.some) return
    this.#waiting.admit(
      () => this.active < this.maxStreams,
      (stream, head) => this.#start(stream, head, 0, head.length),
    )
  }
}
