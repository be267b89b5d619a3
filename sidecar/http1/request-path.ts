// The way of a client's bytes to the upstream of the request in progress; what belongs to later requests is held.

import type net from 'node:net'
import { writeSoon } from '../deferring-socket.ts'
import { slice } from './edits.ts'
import type { Exchange } from './exchange.ts'
import type { RequestReader } from './request-reader.ts'
import type { Upstream } from './upstream.ts'

export interface RequestOwner {
  /** The framing of a request's body is broken: where the next request starts, nobody knows. */
  badRequest(exchange: Exchange, fault: string): void
  /** More of the request has passed, perhaps all of it. */
  passed(exchange: Exchange): void
}

export class RequestPath {
  readonly #client: net.Socket
  readonly #reader: RequestReader
  readonly #owner: RequestOwner
  #ended = false

  constructor(client: net.Socket, reader: RequestReader, owner: RequestOwner) {
    this.#client = client
    this.#reader = reader
    this.#owner = owner
  }

  /** The client has sent its last byte. */
  get ended(): boolean {
    return this.#ended
  }

  /** The client has sent `chunk` during the exchange. */
  data(exchange: Exchange, chunk: Buffer): void {
    if (exchange.tunnel) this.pass(exchange, chunk)
    else if (exchange.request.done) this.hold(chunk)
    else this.#body(exchange, chunk)
  }

  /** Keeps what belongs to a later request; a client that sends too much of that is not read any more. */
  hold(bytes: Buffer): void {
    this.#reader.hold(bytes)
    if (this.#reader.full) this.#client.pause()
  }

  /** Sends bytes of the exchange as they are. */
  pass(exchange: Exchange, bytes: Buffer): void {
    const { upstream } = exchange
    if (upstream === undefined) return
    // What comes behind a whole request is held, up to a limit: its end or its reset must be seen even while the upstream takes nothing.
    if (bytes.length > 0 && !writeSoon(upstream.socket, bytes) && (exchange.tunnel || !exchange.request.done))
      this.#client.pause()
    if (this.#ended) this.#passEnd(exchange, upstream)
  }

  /** The client has sent its last byte, during `exchange` if one is given. */
  end(exchange: Exchange | undefined): void {
    this.#ended = true
    if (exchange?.upstream !== undefined) this.#passEnd(exchange, exchange.upstream)
  }

  #body(exchange: Exchange, chunk: Buffer): void {
    const end = exchange.request.consume(chunk, 0)
    if (end === -1) {
      this.#owner.badRequest(exchange, exchange.request.fault)
      return
    }
    if (end < chunk.length) this.hold(chunk.subarray(end))
    this.pass(exchange, slice(chunk, 0, end))
    this.#owner.passed(exchange)
  }

  /** The client's last byte has been forwarded: so is its end, and the upstream does what it would do without a sidecar. */
  #passEnd(exchange: Exchange, upstream: Upstream): void {
    if (exchange.tunnel || this.#reader.empty) upstream.socket.end()
  }
}
