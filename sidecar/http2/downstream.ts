// One client's HTTP/2 connection: its streams, their ends, and what a session shows to those who drain the sidecar.

import type { Socket } from 'node:net'
import type { Destination } from '../destination.ts'
import { ClientFrames } from './client-frames.ts'
import { ClosedStreams, type Ending } from './closed-streams.ts'
import type { Http2Context } from './context.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { Farewell } from './farewell.ts'
import { DEFAULT_WINDOW, goawayFrame, resetFrame, windowUpdate } from './frame.ts'
import { giveUp, holdings } from './holdings.ts'
import { DynamicTable } from './hpack/dynamic-table.ts'
import { FlushList, Link, type LinkOwner } from './link.ts'
import { Offer } from './offer.ts'
import { OwnAnswers } from './own-answers.ts'
import { RequestCredit } from './request-credit.ts'
import { SendPath, type SendPathOwner } from './send-path.ts'
import type { Half, Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'
import { upstreamGone } from './upstream-loss.ts'
import { UpstreamPool } from './upstream-pool.ts'

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
  readonly offer: Offer
  readonly farewell = new Farewell(this)
  readonly streams = new Map<number, Stream>()
  readonly recent = new ClosedStreams()
  /** Of its encoder; undefined once it has said that it keeps none. */
  table: DynamicTable | undefined = new DynamicTable(4096)
  /** What it said in its SETTINGS, for upstream sessions. */
  clientWindow = DEFAULT_WINDOW
  maxHeaderListSize: number
  lastId = 0
  /** A session to the baseline once was ready: a later failure is the end of something that worked. */
  baselineWorked = false
  closed = false
  readonly #frames: ClientFrames
  /** Bytes of responses that wait for the client's windows. */
  #held = 0
  readonly #prefaceTimer: NodeJS.Timeout

  constructor(socket: Socket, destination: Destination, context: Http2Context) {
    const { limits } = context
    this.context = context
    this.destination = destination
    this.maxHeaderListSize = limits.listBytes
    this.outlets = new FlushList(context.spare)
    this.link = new Link(socket, this.outlets, this)
    this.responses = new SendPath(this.link, this)
    this.credit = new RequestCredit(limits, (increment) => this.link.send(windowUpdate(0, increment)))
    this.pool = new UpstreamPool(this)
    this.answers = new OwnAnswers(this)
    this.#frames = new ClientFrames(this)
    this.#prefaceTimer = setTimeout(
      () => this.fail(new ConnectionError(ErrorCode.settingsTimeout, 'no preface')),
      limits.prefaceMs,
    )
    this.offer = new Offer(this.link, destination, limits)
  }

  /** Lets the streams finish that are open, or on their way, and closes. */
  drain(): void {
    this.farewell.begin(this.#frames)
  }

  destroy(): void {
    this.#over()
    this.link.socket.destroy()
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
    clearTimeout(this.#prefaceTimer)
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
    stream.upstream.requests.forget(stream, upstreamCode)
    this.farewell.closeIfDone()
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

  upstreamSettled(upstream: Upstream): void {
    if (upstream.isFork) return
    this.baselineWorked = true
    this.offer.follow(upstream)
  }

  upstreamGone(upstream: Upstream, error: Error | undefined): void {
    this.pool.remove(upstream)
    if (!this.closed) upstreamGone(this, upstream, error)
    this.outlets.flush()
  }

  #over(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.#prefaceTimer)
    this.farewell.stop()
    this.#frames.stop()
    this.pool.destroy()
    for (const { traits, upstream } of this.streams.values()) traits.hop?.over(upstream.address)
    this.streams.clear()
  }
}
