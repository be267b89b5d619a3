// One client's HTTP/1 connection: requests one after the other, each to the upstream that its key asks for, bytes as they came.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { waiting } from '../flow.ts'
import type { Refusal } from '../refusal.ts'
import { type Exchange, launch, openExchange, settle } from './exchange.ts'
import { linger } from './linger.ts'
import { OwnAnswers } from './own-answers.ts'
import { tooMuchHeld } from './refusals.ts'
import { type RequestOwner, RequestPath } from './request-path.ts'
import { RequestReader } from './request-reader.ts'
import type { Plan } from './request.ts'
import { type ResponseOwner, ResponsePath } from './response-path.ts'
import type { Upstream, UpstreamOwner } from './upstream.ts'
import { Upstreams } from './upstreams.ts'

export class Http1Connection implements Connection, UpstreamOwner, RequestOwner, ResponseOwner {
  readonly #socket: net.Socket
  readonly #destination: Destination
  readonly #plane: DataPlane
  readonly #upstreams: Upstreams
  readonly #reader: RequestReader
  readonly #requests: RequestPath
  readonly #responses: ResponsePath
  readonly #answers: OwnAnswers
  #exchange: Exchange | undefined
  /** Nothing more is answered: what still comes is thrown away. */
  #closing = false
  #draining = false

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
    this.#requests = new RequestPath(socket, this.#reader, this)
    this.#responses = new ResponsePath(socket, plane, this)
    this.#answers = new OwnAnswers(socket, destination, plane)
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
    this.#upstreams.tick(this.#exchange?.upstream, now)
  }

  get buffered(): number {
    return waiting(this.#socket) + this.#reader.size + (this.#exchange?.partial?.size ?? 0) + this.#upstreams.waiting
  }

  shed(): void {
    const exchange = this.#exchange
    // A client that does not take its answers would not take this one.
    const silent = this.#closing || this.#socket.writableLength > 0
    if (silent || exchange?.tunnel === true || exchange?.response !== undefined) this.#socket.resetAndDestroy()
    else if (exchange === undefined) this.#reject(tooMuchHeld(), '')
    else this.#abandon(exchange, tooMuchHeld())
  }

  #data(chunk: Buffer): void {
    this.#plane.read(chunk.length)
    if (this.#closing || this.#socket.destroyed) return
    const exchange = this.#exchange
    if (exchange === undefined) {
      // A client that does not read its answers gets no further ones.
      if (this.#socket.writableLength > 0) this.#requests.hold(chunk)
      else this.#start(this.#reader.read(chunk))
    } else this.#requests.data(exchange, chunk)
  }

  /** The next request of those that came too early; or the end, if the client has nothing more to say. */
  #next(): void {
    if (this.#exchange !== undefined || this.#closing || this.#socket.writableLength > 0) return
    this.#start(this.#reader.readHeld())
    if (this.#exchange !== undefined) {
      if (!this.#reader.full) this.#socket.resume()
    } else if (this.#requests.ended) this.#close()
    else this.#socket.resume() // even if much is held: it is a head that is not complete yet
  }

  #start(plan: Plan | undefined): void {
    if (plan?.kind === 'reject') this.#reject(plan.refusal, plan.method)
    if (plan === undefined || plan.kind === 'reject') return
    const exchange = openExchange(plan, this.#destination, this.#upstreams)
    this.#exchange = exchange
    if (this.#reader.full) this.#socket.pause()
    if (plan.kind === 'answer') {
      this.#answer(exchange, plan.refusal)
      return
    }
    launch(exchange, this.#plane)
    this.#requests.pass(exchange, plan.bytes)
  }

  upstreamDrained(upstream: Upstream): void {
    if (upstream === this.#exchange?.upstream && !this.#reader.full) this.#socket.resume()
  }

  upstreamData(upstream: Upstream, chunk: Buffer): void {
    this.#plane.read(chunk.length)
    const exchange = this.#exchange
    if (exchange?.upstream === upstream) this.#responses.data(exchange, upstream, chunk)
    // Nothing was asked: a server's last words before it closes an idle connection, or worse. Neither is passed on.
    else upstream.socket.destroy()
  }

  switched(exchange: Exchange): void {
    this.#requests.pass(exchange, this.#reader.take())
    this.#socket.resume()
  }

  badRequest(exchange: Exchange, fault: string): void {
    exchange.upstream?.abort()
    if (exchange.response !== undefined) this.#socket.resetAndDestroy()
    else this.#reject({ code: 'ST1001', detail: `The request has ${fault}.` }, exchange.method)
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

  /** What the baseline does to an idle connection, the client sees on its own, and at once; unless it talks to a fork, or did so last. */
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
    const refusal = this.#answers.notConnected(exchange, upstream)
    if (refusal !== undefined) {
      this.#answer({ ...exchange, upstream: undefined }, refusal, upstream)
      return
    }
    exchange.hop?.over(upstream.address)
    this.#release()
    if (upstream.error === undefined) this.#close()
    else this.#socket.resetAndDestroy()
  }

  badResponse(exchange: Exchange, upstream: Upstream, fault: string): void {
    this.#abandon(exchange, this.#answers.badResponse(upstream, fault))
  }

  /** Answers in place of the upstream, whose answer is not wanted any more. */
  #abandon(exchange: Exchange, refusal: Refusal): void {
    exchange.upstream?.abort()
    this.#answer({ ...exchange, upstream: undefined, last: true }, refusal, exchange.upstream)
  }

  #answer(exchange: Exchange, refusal: Refusal, upstream?: Upstream): void {
    this.#exchange = exchange
    this.#answers.answer(exchange, refusal, upstream)
    this.#finish(exchange)
  }

  #reject(refusal: Refusal, method: string): void {
    this.#answers.reject(refusal, method)
    this.#close()
  }

  /** A request that will never be complete is over with its response. */
  passed(exchange: Exchange): void {
    if (exchange.response?.done === true && (exchange.request.done || this.#requests.ended)) this.#finish(exchange)
  }

  #finish(exchange: Exchange): void {
    this.#release()
    if (exchange.last || this.#draining) {
      this.#close()
      return
    }
    const { upstream } = exchange
    this.#upstreams.used(upstream)
    if (upstream?.socket.isPaused() === true) upstream.socket.resume()
    // In a turn of its own: a client that sends a thousand requests at once must not cost a thousand stack frames.
    if (this.#requests.ended || !this.#reader.empty || this.#socket.isPaused()) setImmediate(() => this.#next())
  }

  #end(): void {
    const exchange = this.#exchange
    this.#requests.end(exchange)
    if (exchange === undefined) setImmediate(() => this.#next())
    else this.passed(exchange)
  }

  /** No request is in progress any more. */
  #release(): void {
    if (this.#exchange !== undefined) settle(this.#exchange, this.#plane)
    this.#exchange = undefined
  }

  /** Ends both sides in good order: the client gets everything that was written to it first. */
  #close(): void {
    if (this.#closing) return
    this.#closing = true
    this.#exchange?.hop?.over(this.#exchange.upstream?.address)
    this.#release()
    this.#reader.take()
    this.#upstreams.destroy()
    linger(this.#socket)
  }

  #closed(hadError: boolean): void {
    const exchange = this.#exchange
    const busy = exchange?.upstream
    // Both sides of a tunnel have said goodbye: the last bytes may still be on their way to the upstream.
    const over = exchange?.tunnel === true && this.#requests.ended && busy?.socket.readableEnded === true && !hadError
    this.#closing = true
    this.#release()
    exchange?.hop?.over(busy?.address)
    if (over) busy.socket.end()
    else busy?.abort()
    this.#upstreams.leave(busy, hadError)
  }
}
