// One client's HTTP/1 connection: requests one after the other, each to the upstream that its key asks for, bytes as they came.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { waiting, waitingToGo, writeAll } from '../flow.ts'
import type { Refusal } from '../refusal.ts'
import { answerBytes } from './answer.ts'
import { Body } from './body.ts'
import type { Exchange } from './exchange.ts'
import { HeldBytes } from './held-bytes.ts'
import { LF } from './octets.ts'
import { MAX_HEAD_BYTES } from './request-head.ts'
import { badResponse, countRefusal, forkUnreachable, outOfResources, tooMuchHeld } from './refusals.ts'
import { RequestReader } from './request-reader.ts'
import type { Plan } from './request.ts'
import { planResponse } from './response.ts'
import type { Upstream, UpstreamOwner } from './upstream.ts'
import { Upstreams } from './upstreams.ts'

/** After the last answer the client's bytes are thrown away this long, so that a reset does not overtake the answer. */
export const LINGER_MS = 2000

const NO_BODY = { kind: 'length', length: 0 } as const

export class Http1Connection implements Connection, UpstreamOwner {
  readonly #socket: net.Socket
  readonly #destination: Destination
  readonly #plane: DataPlane
  readonly #upstreams: Upstreams
  readonly #reader: RequestReader
  #exchange: Exchange | undefined
  /** The client has sent its last byte. */
  #ended = false
  /** Nothing more is answered: what still comes is thrown away. */
  #closing = false
  #draining = false
  #linger: NodeJS.Timeout | undefined

  /**
   * Takes over a connected socket (`allowHalfOpen`); `first` are bytes that were read from it already, `baseline` is a connection to the
   * baseline that was opened already.
   */
  constructor(socket: net.Socket, destination: Destination, plane: DataPlane, first?: Buffer, baseline?: net.Socket) {
    this.#socket = socket
    this.#destination = destination
    this.#plane = plane
    this.#upstreams = new Upstreams(this, plane)
    this.#reader = new RequestReader(destination, plane)
    if (baseline !== undefined) this.#upstreams.adoptBaseline(destination.baseline, baseline)
    socket
      .on('data', (chunk: Buffer) => this.#data(chunk))
      .on('end', () => this.#end())
      .on('drain', () => this.#drained())
      .on('error', () => {})
      .on('close', (hadError) => this.#closed(hadError))
    if (first !== undefined) this.#data(first)
  }

  drain(): void {
    this.#draining = true
    if (this.#exchange === undefined) this.#close()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  tick(now: number): void {
    this.#upstreams.closeIdle(this.#exchange?.upstream, now)
  }

  get buffered(): number {
    let bytes = waiting(this.#socket) + this.#reader.size + (this.#exchange?.partial?.size ?? 0)
    for (const { socket } of this.#upstreams.all()) bytes += waitingToGo(socket)
    return bytes
  }

  shed(): void {
    const exchange = this.#exchange
    // A client that does not take its answers would not take this one.
    const silent = this.#closing || this.#socket.writableLength > 0
    if (silent || exchange?.tunnel === true || exchange?.response !== undefined) this.#socket.resetAndDestroy()
    else if (exchange === undefined) this.#reject(tooMuchHeld(), '')
    else {
      exchange.upstream?.abort()
      this.#answer({ ...exchange, upstream: undefined, last: true }, tooMuchHeld())
    }
  }

  #data(chunk: Buffer): void {
    this.#plane.read(chunk.length)
    if (this.#closing || this.#socket.destroyed) return
    const exchange = this.#exchange
    if (exchange === undefined) {
      // A client that does not read its answers gets no further ones.
      if (this.#socket.writableLength > 0) this.#hold(chunk)
      else this.#start(this.#reader.read(chunk))
    } else if (exchange.tunnel) this.#toUpstream(exchange, chunk)
    else if (exchange.request.done) this.#hold(chunk)
    else this.#requestBody(exchange, chunk)
  }

  #hold(bytes: Buffer): void {
    this.#reader.hold(bytes)
    if (this.#reader.full) this.#plane.pause(this.#socket)
  }

  /** The next request of those that came too early; or the end, if the client has nothing more to say. */
  #next(): void {
    if (this.#exchange !== undefined || this.#closing || this.#socket.writableLength > 0) return
    this.#start(this.#reader.readHeld())
    if (this.#exchange !== undefined) {
      if (!this.#reader.full) this.#socket.resume()
    } else if (this.#ended) this.#close()
    else this.#socket.resume() // even if much is held: it is a head that is not complete yet
  }

  #start(plan: Plan | undefined): void {
    if (plan === undefined) return
    if (plan.kind === 'reject') {
      this.#reject(plan.refusal, plan.method)
      return
    }
    const { counts, service } = this.#destination
    const { method, accept, body: request, switching, last } = plan
    let upstream: Upstream | undefined
    let route: string | undefined
    if (plan.kind === 'forward') {
      if (plan.decision.to === 'fork') {
        counts.fork++
        upstream = this.#upstreams.fork(plan.decision.route)
        route = `${service}=${plan.decision.route.key}`
      } else {
        counts.baseline++
        upstream = this.#upstreams.baseline(this.#destination.baseline)
      }
    }
    const nothingYet = { response: undefined, partial: undefined, tunnel: false }
    this.#exchange = { method, request, upstream, route, accept, switching, last, ...nothingYet }
    if (this.#reader.full) this.#plane.pause(this.#socket)
    if (plan.kind === 'answer') this.#answer(this.#exchange, plan.refusal)
    else this.#toUpstream(this.#exchange, plan.bytes)
  }

  #requestBody(exchange: Exchange, chunk: Buffer): void {
    const end = exchange.request.consume(chunk, 0)
    if (end === -1) {
      exchange.upstream?.abort()
      const refusal: Refusal = { code: 'ST1001', detail: `The request has ${exchange.request.fault}.` }
      if (exchange.response === undefined) this.#reject(refusal, exchange.method)
      else this.#socket.resetAndDestroy()
      return
    }
    if (end < chunk.length) this.#hold(chunk.subarray(end))
    this.#toUpstream(exchange, end === chunk.length ? chunk : chunk.subarray(0, end))
    this.#finishIfComplete(exchange)
  }

  #toUpstream(exchange: Exchange, bytes: Buffer): void {
    const { upstream } = exchange
    if (upstream === undefined) return
    // What comes behind a whole request is held, up to a limit: its end or its reset must be seen even while the upstream takes nothing.
    if (bytes.length > 0 && !writeAll(upstream.socket, bytes) && (exchange.tunnel || !exchange.request.done))
      this.#plane.pause(this.#socket)
    if (this.#ended) this.#passEnd(exchange, upstream)
  }

  /** The client's last byte has been forwarded: so is its end, and the upstream does what it would do without a sidecar. */
  #passEnd(exchange: Exchange, upstream: Upstream): void {
    if (exchange.tunnel || this.#reader.empty) upstream.socket.end()
  }

  upstreamDrained(upstream: Upstream): void {
    if (upstream === this.#exchange?.upstream && !this.#reader.full) this.#socket.resume()
  }

  upstreamData(upstream: Upstream, chunk: Buffer): void {
    this.#plane.read(chunk.length)
    const exchange = this.#exchange
    if (exchange === undefined || exchange.upstream !== upstream) {
      // Nothing was asked: a server's last words before it closes an idle connection, or worse. Neither is passed on.
      upstream.socket.destroy()
      return
    }
    if (exchange.tunnel) this.#toClient(upstream, chunk)
    else if (exchange.response === undefined) this.#responseHead(exchange, upstream, chunk)
    else this.#responseBody(exchange, exchange.response, upstream, chunk)
  }

  #responseHead(exchange: Exchange, upstream: Upstream, chunk: Buffer): void {
    const { responseHead } = this.#plane
    let bytes = chunk
    if (exchange.partial !== undefined) {
      exchange.partial.append(chunk)
      // As in a request: a head that trickles in is looked at again only when a line has ended.
      if (!chunk.includes(LF) && exchange.partial.length <= MAX_HEAD_BYTES) return
      bytes = exchange.partial.take()
      exchange.partial = undefined
    }
    let start = 0
    for (;;) {
      const outcome = responseHead.scan(bytes, start)
      if (outcome === 'incomplete') {
        if (start < bytes.length) {
          exchange.partial = new HeldBytes()
          exchange.partial.append(bytes.subarray(start))
        }
        return
      }
      if (outcome === 'refused') {
        this.#badResponse(exchange, upstream, responseHead.fault)
        return
      }
      const plan = planResponse(bytes, responseHead, exchange)
      switch (plan.kind) {
        case 'invalid':
          this.#badResponse(exchange, upstream, plan.fault)
          return
        case 'interim':
          this.#toClient(upstream, bytes.subarray(start, responseHead.end))
          start = responseHead.end
          break
        case 'switch':
          exchange.tunnel = true
          this.#toClient(upstream, plan.edits.apply(bytes, start, bytes.length))
          this.#toUpstream(exchange, this.#reader.take())
          this.#socket.resume()
          return
        case 'final': {
          exchange.response = plan.body
          exchange.last = plan.last
          const end = plan.body.consume(bytes, responseHead.end)
          const upTo = end === -1 ? responseHead.end : end
          this.#toClient(upstream, plan.edits.none ? bytes.subarray(start, upTo) : plan.edits.apply(bytes, start, upTo))
          this.#afterResponseBytes(exchange, upstream, end, bytes.length)
          return
        }
      }
    }
  }

  #responseBody(exchange: Exchange, body: Body, upstream: Upstream, chunk: Buffer): void {
    const end = body.consume(chunk, 0)
    if (end > 0) this.#toClient(upstream, end === chunk.length ? chunk : chunk.subarray(0, end))
    this.#afterResponseBytes(exchange, upstream, end, chunk.length)
  }

  #afterResponseBytes(exchange: Exchange, upstream: Upstream, end: number, length: number): void {
    if (end === -1) {
      this.#plane.counters.event('response-broken')
      upstream.abort()
      this.#socket.resetAndDestroy()
      return
    }
    if (end < length) exchange.last = true // more than it announced: where its next response starts, nobody knows
    this.#finishIfComplete(exchange)
  }

  #toClient(upstream: Upstream, bytes: Buffer): void {
    if (!writeAll(this.#socket, bytes)) upstream.socket.pause()
  }

  #drained(): void {
    if (this.#exchange === undefined) this.#next()
    else this.#exchange.upstream?.socket.resume()
  }

  upstreamEnd(upstream: Upstream): void {
    const exchange = this.#exchange
    if (exchange === undefined || exchange.upstream !== upstream) {
      this.#idleEnded(upstream)
      upstream.socket.destroy()
      return
    }
    if (exchange.tunnel) {
      this.#socket.end()
      return // if the client has ended as well, the upstream's socket goes when it has got everything
    }
    // The end of a response that has no other, or one that comes too early: either way the client sees what the sidecar saw.
    upstream.socket.end()
    this.#close()
  }

  /** What the baseline does to an idle connection, the client sees on its own, and at once; unless a fork is answering it right now. */
  #idleEnded(upstream: Upstream): void {
    if (this.#upstreams.forget(upstream) && this.#exchange === undefined) this.#close()
  }

  upstreamClosed(upstream: Upstream): void {
    const exchange = this.#exchange
    if (exchange?.upstream !== upstream) {
      this.#idleEnded(upstream)
      return
    }
    this.#upstreams.forget(upstream)
    if (this.#closing) return
    const refusal = this.#notConnected(exchange, upstream)
    if (refusal !== undefined) {
      this.#answer({ ...exchange, upstream: undefined }, refusal)
      return
    }
    this.#exchange = undefined
    if (upstream.error === undefined) this.#close()
    else this.#socket.resetAndDestroy()
  }

  /** Undefined where the client is to see what it would see without the sidecar. */
  #notConnected(exchange: Exchange, upstream: Upstream): Refusal | undefined {
    const exhausted = outOfResources(upstream, this.#destination, this.#plane)
    if (exhausted !== undefined || upstream.connected || upstream.kind === 'baseline') return exhausted
    return forkUnreachable(upstream, exchange.route ?? '', this.#destination, this.#plane)
  }

  #badResponse(exchange: Exchange, upstream: Upstream, fault: string): void {
    exchange.last = true
    this.#exchange = { ...exchange, upstream: undefined }
    upstream.abort()
    this.#answer(this.#exchange, badResponse(upstream, fault, this.#destination, this.#plane))
  }

  /** Answers a valid request here. Without its whole body the connection cannot go on. */
  #answer(exchange: Exchange, refusal: Refusal): void {
    this.#exchange = exchange
    countRefusal(refusal, this.#destination)
    if (!exchange.request.done || exchange.switching) exchange.last = true
    const { accept, method, last } = exchange
    exchange.response = new Body(NO_BODY, false)
    this.#socket.write(answerBytes(refusal, { accept, headOnly: method === 'HEAD', close: last }))
    this.#finish(exchange)
  }

  /** Answers what is not a valid request, and ends the connection. */
  #reject(refusal: Refusal, method: string): void {
    countRefusal(refusal, this.#destination)
    this.#plane.log.debug(
      { service: this.#destination.service, code: refusal.code, detail: refusal.detail },
      'request refused',
    )
    this.#socket.write(answerBytes(refusal, { accept: '', headOnly: method === 'HEAD', close: true }))
    this.#close()
  }

  /** A request that will never be complete is over with its response. */
  #finishIfComplete(exchange: Exchange): void {
    if (exchange.response?.done === true && (exchange.request.done || this.#ended)) this.#finish(exchange)
  }

  #finish(exchange: Exchange): void {
    this.#exchange = undefined
    if (exchange.last || this.#draining) {
      this.#close()
      return
    }
    const { upstream } = exchange
    if (upstream !== undefined) {
      if (upstream.kind === 'fork') upstream.idleSince = process.uptime()
      if (upstream.socket.isPaused()) upstream.socket.resume()
    }
    // In a turn of its own: a client that sends a thousand requests at once must not cost a thousand stack frames.
    if (this.#ended || !this.#reader.empty || this.#socket.isPaused()) setImmediate(() => this.#next())
  }

  #end(): void {
    this.#ended = true
    const exchange = this.#exchange
    if (exchange === undefined) setImmediate(() => this.#next())
    else {
      if (exchange.upstream !== undefined) this.#passEnd(exchange, exchange.upstream)
      this.#finishIfComplete(exchange)
    }
  }

  /** Ends both sides in good order: the client gets everything that was written to it first. */
  #close(): void {
    if (this.#closing) return
    this.#closing = true
    this.#exchange = undefined
    this.#reader.take()
    for (const upstream of this.#upstreams.all()) upstream.socket.destroy()
    this.#socket.end(() => {
      if (!this.#socket.destroyed) this.#linger = setTimeout(() => this.#socket.destroy(), LINGER_MS)
    })
    this.#socket.resume()
  }

  #closed(hadError: boolean): void {
    clearTimeout(this.#linger)
    this.#closing = true
    const exchange = this.#exchange
    const busy = exchange?.upstream
    // Both sides of a tunnel have said goodbye: the last bytes may still be on their way to the upstream.
    const over = exchange?.tunnel === true && this.#ended && busy?.socket.readableEnded === true && !hadError
    this.#exchange = undefined
    for (const upstream of this.#upstreams.all()) {
      if (upstream === busy && over) upstream.socket.end()
      else if (upstream === busy || hadError) upstream.abort()
      else upstream.socket.destroy()
    }
  }
}
