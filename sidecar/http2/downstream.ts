// One client's HTTP/2 connection: its streams, their ends, and what a session shows to those who drain the sidecar.

import type { Socket } from 'node:net'
import type { Destination } from '../destination.ts'
import type { Refusal } from '../refusal.ts'
import { answer } from './answer.ts'
import { ClientFrames } from './client-frames.ts'
import { ClosedStreams, type Ending } from './closed-streams.ts'
import type { Http2Context } from './context.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { DEFAULT_WINDOW, MAX_WINDOW, goawayFrame, pingFrame, resetFrame, windowUpdate } from './frame.ts'
import { DynamicTable } from './hpack/dynamic-table.ts'
import { FlushList, Link, type LinkOwner } from './link.ts'
import { ReceiveWindow } from './receive-window.ts'
import { SendPath, type SendPathOwner } from './send-path.ts'
import { Setting, settingsFrame } from './settings.ts'
import type { Half, RequestTraits, Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'
import { moveToSuccessor, upstreamGone } from './upstream-loss.ts'
import { UpstreamPool } from './upstream-pool.ts'

/** How long a client may take to acknowledge that the end is near. */
const DRAIN_MS = 1_000

export class Downstream implements LinkOwner, SendPathOwner {
  readonly context: Http2Context
  readonly destination: Destination
  readonly outlets = new FlushList()
  readonly link: Link
  readonly responses: SendPath
  readonly receive: ReceiveWindow
  readonly pool: UpstreamPool
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
  #advertisedStreams: number
  #waiting = 0
  #owed = 0
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, destination: Destination, context: Http2Context) {
    const { limits } = context
    this.context = context
    this.destination = destination
    this.maxHeaderListSize = limits.listBytes
    this.#advertisedStreams = limits.streams
    this.link = new Link(socket, this.outlets, this)
    this.responses = new SendPath(this.link, this)
    this.receive = new ReceiveWindow(limits.connectionWindow)
    this.pool = new UpstreamPool(this)
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
  }

  chunk(bytes: Buffer): void {
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
    if (this.closed || this.link.backlog <= this.context.limits.backlog * 4) return
    if (source === undefined) this.link.socket.pause()
    else source.link.socket.pause()
  }

  get isCongested(): boolean {
    return this.link.backlog > this.context.limits.backlog
  }

  // Streams.

  /** Forgets a stream without a word to either side. */
  remove(stream: Stream, ending: Ending, upstreamCode?: number): void {
    if (!this.streams.delete(stream.id)) return
    this.recent.add(stream.id, ending)
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

  /** A stream that never opened: `refused` names it in the counters. */
  rejectUnopened(id: number, code: number, refused?: string): void {
    if (refused !== undefined) this.#countRefused(refused)
    this.link.send(resetFrame(id, code))
    this.recent.add(id, 'reset')
  }

  answerUnopened(id: number, requestEnded: boolean, refusal: Refusal, traits: RequestTraits): void {
    this.#answer(id, requestEnded, refusal, traits, this.clientWindow)
    this.recent.add(id, 'reset')
  }

  /** The sidecar answers in the upstream's place; only before the upstream's own answer. */
  answerStream(stream: Stream, refusal: Refusal, upstreamCode: number | undefined): void {
    this.#answer(stream.id, stream.request.ended, refusal, stream.traits, stream.response.window)
    this.remove(stream, 'reset', upstreamCode)
  }

  /** The upstream broke a rule on this stream; what was checked so far may have been passed on. */
  badResponse(stream: Stream, why: string): void {
    const { service } = this.destination
    if (stream.answered) {
      this.resetStream(stream, ErrorCode.protocol, ErrorCode.protocol)
      return
    }
    const detail = `Service ${service}, upstream ${stream.upstream.name}: ${why}.`
    this.answerStream(stream, { code: 'ST1104', detail }, ErrorCode.protocol)
  }

  /** More credit for the request of a stream. */
  creditStream(stream: Stream, increment: number): void {
    stream.allowance += increment
    this.link.send(windowUpdate(stream.id, increment))
  }

  // Connection windows of requests.

  /** DATA came: the client gets its credit back at once as long as little waits here, so that no stream starves the others. */
  requestBytesReceived(length: number, upstream: Upstream | undefined): void {
    const waiting = this.#waiting + (upstream === undefined ? 0 : upstream.link.backlog)
    if (waiting > this.context.limits.buffered) this.#owed += length
    else this.#credit(length)
  }

  requestBytesPassed(): void {
    if (this.#owed === 0 || this.#waiting > this.context.limits.buffered || this.closed) return
    const owed = this.#owed
    this.#owed = 0
    this.#credit(owed)
  }

  waiting(length: number): void {
    this.#waiting += length
  }

  get isCrowded(): boolean {
    return this.#waiting > this.context.limits.buffered
  }

  // What the response path reports.

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
    const most = Math.max(1, Math.min(upstream.maxStreams, this.context.limits.streams))
    if (most === this.#advertisedStreams) return
    this.#advertisedStreams = most
    this.link.send(settingsFrame([[Setting.maxConcurrentStreams, most]]))
  }

  replace(upstream: Upstream): void {
    moveToSuccessor(this, upstream)
  }

  upstreamGone(upstream: Upstream, error: Error | undefined): void {
    this.pool.remove(upstream)
    if (!this.closed) upstreamGone(this, upstream, error)
    this.outlets.flush()
  }

  #answer(id: number, requestEnded: boolean, refusal: Refusal, traits: RequestTraits, window: number): void {
    this.#countRefused(refusal.code)
    const { head, body } = answer(id, refusal, traits, Math.min(window, this.responses.window))
    this.link.putHead(head, 0, head.length)
    if (body !== undefined) this.responses.sendOwn(body)
    // RFC 9113 §8.1: the rest of the request is not wanted.
    if (!requestEnded) this.link.send(resetFrame(id, ErrorCode.noError))
  }

  #countRefused(code: string): void {
    const { refused } = this.destination.counts
    refused[code] = (refused[code] ?? 0) + 1
  }

  #credit(length: number): void {
    const increment = this.receive.give(length)
    if (increment > 0) this.link.send(windowUpdate(0, increment))
  }

  #over(): void {
    if (this.closed) return
    this.closed = true
    clearTimeout(this.#timer)
    this.#frames.stop()
    this.pool.destroy()
    this.streams.clear()
  }
}
