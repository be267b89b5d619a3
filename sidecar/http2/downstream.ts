// One client's HTTP/2 connection: its streams, their ends, and what a session shows to those who drain the sidecar.

import type { Socket } from 'node:net'
import type { Destination } from '../destination.ts'
import { ClientFrames } from './client-frames.ts'
import { ClosedStreams, type Ending } from './closed-streams.ts'
import type { Http2Context } from './context.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { DEFAULT_WINDOW, MAX_WINDOW, goawayFrame, pingFrame, resetFrame, windowUpdate } from './frame.ts'
import { giveUp, holdings } from './holdings.ts'
import { DynamicTable } from './hpack/dynamic-table.ts'
import { FlushList, Link, type LinkOwner } from './link.ts'
import { OwnAnswers } from './own-answers.ts'
import { RequestCredit } from './request-credit.ts'
import { SendPath, type SendPathOwner } from './send-path.ts'
import { Setting, settingsFrame } from './settings.ts'
import type { Half, Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'
import { upstreamGone } from './upstream-loss.ts'
import { UpstreamPool } from './upstream-pool.ts'

/** How long a client may take to acknowledge that the end is near. */
const DRAIN_MS = 1_000

const CONNECT_PROTOCOL = [Setting.enableConnectProtocol, 1] as const

export class Downstream implements LinkOwner, SendPathOwner {
  readonly context: Http2Context
  readonly destination: Destination
  readonly outlets: FlushList
  readonly link: Link
  readonly responses: SendPath
  /** For requests. */
  readonly credit: RequestCredit
  readonly pool: UpstreamPool
  readonly answers: OwnAnswers
  readonly streams = new Map<number, Stream>()
  readonly recent = new ClosedStreams()
  /** Of its encoder; undefined once it has said that it keeps none. */
  table: DynamicTable | undefined = new DynamicTable(4096)
  /** What it said in its SETTINGS, for upstream sessions. */
  clientWindow = DEFAULT_WINDOW
  maxHeaderListSize: number
  lastId = 0
  /** Streams above this are ignored: GOAWAY said so. */
  lastAccepted = MAX_WINDOW
  /** A session to the baseline once was ready: a later failure is the end of something that worked. */
  baselineWorked = false
  /** No new streams, or nothing at all. */
  leaving = false
  closed = false
  readonly #frames: ClientFrames
  /** Bytes of responses that wait for the client's windows. */
  #held = 0
  #advertisedStreams: number
  /** It has been told that CONNECT with :protocol is taken (RFC 8441 §3), which cannot be taken back. */
  offersConnectProtocol: boolean
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, destination: Destination, context: Http2Context) {
    const { limits } = context
    this.context = context
    this.destination = destination
    this.maxHeaderListSize = limits.listBytes
    this.#advertisedStreams = limits.streams
    this.outlets = new FlushList(context.spare)
    this.offersConnectProtocol = destination.takesConnectProtocol
    this.link = new Link(socket, this.outlets, this)
    this.responses = new SendPath(this.link, this)
    this.credit = new RequestCredit(limits, (increment) => this.link.send(windowUpdate(0, increment)))
    this.pool = new UpstreamPool(this)
    this.answers = new OwnAnswers(this)
    this.#frames = new ClientFrames(this)
    this.#timer = setTimeout(
      () => this.fail(new ConnectionError(ErrorCode.settingsTimeout, 'no preface')),
      limits.prefaceMs,
    )
    this.link.send(
      settingsFrame([
        [Setting.headerTableSize, 0],
        [Setting.maxConcurrentStreams, limits.streams],
        [Setting.maxHeaderListSize, limits.listBytes],
        ...(this.offersConnectProtocol ? [CONNECT_PROTOCOL] : []),
      ]),
    )
    this.link.send(windowUpdate(0, limits.connectionWindow - DEFAULT_WINDOW))
  }

  /** RFC 9113 §6.8: says that the end is near, learns which streams were on their way, lets them finish, closes. */
  drain(): void {
    if (this.leaving || this.closed) return
    this.leaving = true
    this.link.send(goawayFrame(MAX_WINDOW, ErrorCode.noError))
    this.link.send(pingFrame(false, Buffer.alloc(8)))
    this.#frames.onPingAck = () => this.leave()
    this.#timer = setTimeout(() => this.leave(), DRAIN_MS)
    this.outlets.flush()
  }

  destroy(): void {
    this.#over()
    this.link.socket.destroy()
  }

  /** The last word about new streams; the connection closes when those that are open have finished. */
  leave(): void {
    if (this.closed || this.lastAccepted !== MAX_WINDOW) return
    this.leaving = true
    this.lastAccepted = this.lastId
    clearTimeout(this.#timer)
    this.link.send(goawayFrame(this.lastId, ErrorCode.noError))
    this.closeIfDone()
    this.outlets.flush()
  }

  closeIfDone(): void {
    if (this.leaving && this.lastAccepted !== MAX_WINDOW && this.streams.size === 0) this.close()
  }

  /** Closes after what has been written. */
  close(): void {
    if (this.closed) return
    this.#over()
    this.outlets.flush()
    this.link.close()
  }

  /** What a client sees whose server is gone. */
  abort(): void {
    this.#over()
    this.link.socket.resetAndDestroy()
  }

  fail(error: unknown): void {
    if (this.closed) return
    const known = error instanceof ConnectionError
    const fields = { service: this.destination.service, err: error }
    if (known) this.context.log.debug(fields, 'an HTTP/2 connection was ended')
    else this.context.log.error(fields, 'an HTTP/2 connection failed')
    this.context.counters.event('http2-connection-error')
    this.link.send(goawayFrame(this.lastId, known ? error.code : ErrorCode.internal))
    this.close()
  }

  /** Its preface and SETTINGS are there. */
  begun(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  chunk(bytes: Buffer): void {
    this.context.read(bytes.length)
    if (this.closed) return
    try {
      this.#frames.push(bytes)
    } catch (error) {
      this.fail(error)
    }
    this.settle()
  }

  ended(): void {
    this.close()
  }

  drained(): void {
    for (const upstream of this.pool.sessions) {
      upstream.creditOwed()
      upstream.link.socket.resume()
    }
    this.link.socket.resume()
    this.outlets.flush()
  }

  closedWith(): void {
    this.#over()
  }

  /** Everything that was written goes out; whoever feeds a client that takes nothing is paused. */
  settle(source?: Upstream): void {
    this.outlets.flush()
    if (this.closed || !this.link.isClogged || this.link.backlog <= this.context.limits.buffered) return
    if (source === undefined) this.link.socket.pause()
    else source.link.socket.pause()
  }

  /** More waits than should: responses count as far as no window has let them in. */
  get isCrowded(): boolean {
    const { buffered, connectionWindow } = this.context.limits
    return this.credit.isCrowded || this.#held > buffered + connectionWindow * this.pool.sessions.length
  }

  // Streams.

  /** Forgets a stream without a word to either side. */
  remove(stream: Stream, ending: Ending, upstreamCode?: number): void {
    if (!this.streams.delete(stream.id)) return
    this.recent.add(stream.id, ending)
    stream.traits.hop?.over(stream.upstream.address)
    stream.request.ended = stream.response.ended = true
    const dropped = this.responses.drop(stream.response)
    if (dropped > 0) stream.upstream.credit(dropped)
    stream.upstream.forget(stream, upstreamCode)
    this.closeIfDone()
  }

  endIfDone(stream: Stream): void {
    if (stream.request.passed && stream.response.passed) this.remove(stream, 'completed')
  }

  /** RST_STREAM to the client; to the upstream with `upstreamCode`, unless it knows. */
  resetStream(stream: Stream, code: number, upstreamCode: number | undefined): void {
    this.link.send(resetFrame(stream.id, code))
    this.remove(stream, 'reset', upstreamCode)
  }

  /** The client broke a rule on this stream. */
  failStream(stream: Stream, code: number): void {
    this.context.counters.event('http2-stream-error')
    this.resetStream(stream, code, ErrorCode.cancel)
  }

  /** More credit for the request of a stream. */
  creditStream(stream: Stream, increment: number): void {
    stream.allowance += increment
    this.link.send(windowUpdate(stream.id, increment))
  }

  get buffered(): number {
    return holdings(this)
  }

  shed(): void {
    giveUp(this)
  }

  // What the response path reports.

  waiting(length: number): void {
    this.#held += length
    this.context.waits(length)
  }

  sent(half: Half, length: number): void {
    half.stream.upstream.credit(length)
  }

  dropped(half: Half, length: number): void {
    half.stream.upstream.credit(length)
    half.stream.upstream.responseCredit(half.stream, length)
  }

  finished(half: Half, reset: boolean): void {
    half.passed = true
    if (reset) this.remove(half.stream, 'reset')
    else this.endIfDone(half.stream)
  }

  // What upstream sessions report.

  countSent(upstream: Upstream): void {
    if (upstream.isFork) this.destination.counts.fork++
    else this.destination.counts.baseline++
  }

  /** The baseline's limit becomes the client's: a queue here would be one that a direct call does not have. */
  upstreamSettled(upstream: Upstream): void {
    if (upstream.isFork) return
    this.baselineWorked = true
    if (upstream.takesConnectProtocol && !this.offersConnectProtocol) {
      this.offersConnectProtocol = true
      this.destination.rememberConnectProtocol()
      this.link.send(settingsFrame([CONNECT_PROTOCOL]))
    }
    const most = Math.max(1, Math.min(upstream.maxStreams, this.context.limits.streams))
    if (most === this.#advertisedStreams) return
    this.#advertisedStreams = most
    this.link.send(settingsFrame([[Setting.maxConcurrentStreams, most]]))
  }

  upstreamGone(upstream: Upstream, error: Error | undefined): void {
    this.pool.remove(upstream)
    if (!this.closed) upstreamGone(this, upstream, error)
    this.outlets.flush()
  }

  #over(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.#timer)
    this.#frames.stop()
    this.pool.destroy()
    for (const { traits, upstream } of this.streams.values()) traits.hop?.over(upstream.address)
    this.streams.clear()
  }
}
