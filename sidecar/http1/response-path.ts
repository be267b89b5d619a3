// The way of an upstream's bytes to the client: heads are read and checked, bodies followed, everything else passes as it came.

import type net from 'node:net'
import type { DataPlane } from '../data-plane.ts'
import { writeSoon } from '../deferring-socket.ts'
import type { Body } from './body.ts'
import { slice } from './edits.ts'
import { type Exchange, settle } from './exchange.ts'
import { PartialHead } from './partial-head.ts'
import { planResponse } from './response.ts'
import type { Upstream } from './upstream.ts'

export interface ResponseOwner {
  /** The head cannot be passed on; nothing of it was. */
  badResponse(exchange: Exchange, upstream: Upstream, fault: string): void
  /** From here on bytes are copied both ways. */
  switched(exchange: Exchange): void
  /** More of the response has passed, perhaps all of it. */
  passed(exchange: Exchange): void
}

export class ResponsePath {
  readonly #client: net.Socket
  readonly #plane: DataPlane
  readonly #owner: ResponseOwner

  constructor(client: net.Socket, plane: DataPlane, owner: ResponseOwner) {
    this.#client = client
    this.#plane = plane
    this.#owner = owner
  }

  /** The upstream of the exchange has sent `chunk`. */
  data(exchange: Exchange, upstream: Upstream, chunk: Buffer): void {
    if (exchange.tunnel) this.#toClient(upstream, chunk)
    else if (exchange.response === undefined) this.#head(exchange, upstream, chunk)
    else this.#body(exchange, exchange.response, upstream, chunk)
  }

  #head(exchange: Exchange, upstream: Upstream, chunk: Buffer): void {
    const { responseHead } = this.#plane
    let bytes = chunk
    if (exchange.partial !== undefined) {
      if (!exchange.partial.due(chunk, responseHead.fields)) return
      bytes = exchange.partial.take()
      exchange.partial = undefined
    }
    let start = 0
    for (;;) {
      const outcome = responseHead.scan(bytes, start)
      if (outcome === 'incomplete') {
        if (start < bytes.length) {
          exchange.partial = new PartialHead(true)
          exchange.partial.append(bytes.subarray(start))
          exchange.partial.scanned(responseHead)
        }
        return
      }
      if (outcome === 'refused') {
        this.#owner.badResponse(exchange, upstream, responseHead.fault)
        return
      }
      const plan = planResponse(bytes, responseHead, exchange)
      switch (plan.kind) {
        case 'invalid':
          this.#owner.badResponse(exchange, upstream, plan.fault)
          return
        case 'interim':
          this.#toClient(upstream, plan.edits.apply(bytes, start, responseHead.end))
          start = responseHead.end
          break
        case 'switch':
          exchange.tunnel = true
          settle(exchange, this.#plane)
          exchange.hop?.answered(responseHead.status, upstream.address)
          this.#toClient(upstream, plan.edits.apply(bytes, start, bytes.length))
          this.#owner.switched(exchange)
          return
        case 'final': {
          exchange.response = plan.body
          settle(exchange, this.#plane)
          exchange.last = plan.last
          exchange.hop?.answered(responseHead.status, upstream.address)
          const end = plan.body.consume(bytes, responseHead.end)
          const upTo = end === -1 ? responseHead.end : end
          this.#toClient(upstream, plan.edits.apply(bytes, start, upTo))
          this.#passed(exchange, upstream, end, bytes.length)
          return
        }
      }
    }
  }

  #body(exchange: Exchange, body: Body, upstream: Upstream, chunk: Buffer): void {
    const end = body.consume(chunk, 0)
    if (end > 0) this.#toClient(upstream, slice(chunk, 0, end))
    this.#passed(exchange, upstream, end, chunk.length)
  }

  /** Of the `length` bytes that came, those up to `end` belonged to the body. */
  #passed(exchange: Exchange, upstream: Upstream, end: number, length: number): void {
    if (end === -1) {
      this.#plane.counters.event('response-broken')
      upstream.abort()
      this.#client.resetAndDestroy()
      return
    }
    if (end < length) exchange.last = true // more than it announced: where its next response starts, nobody knows
    this.#owner.passed(exchange)
  }

  #toClient(upstream: Upstream, bytes: Buffer): void {
    if (!writeSoon(this.#client, bytes)) upstream.socket.pause()
  }
}
