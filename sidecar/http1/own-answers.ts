// What the sidecar itself says to an HTTP/1 client in place of an upstream.

import type net from 'node:net'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import type { Refusal } from '../refusal.ts'
import { answerBytes } from './answer.ts'
import { Body } from './body.ts'
import type { Exchange } from './exchange.ts'
import { badResponse, countRefusal, forkUnreachable, outOfResources } from './refusals.ts'
import type { Upstream } from './upstream.ts'

const NO_BODY = { kind: 'length', length: 0 } as const

export class OwnAnswers {
  readonly #client: net.Socket
  readonly #destination: Destination
  readonly #plane: DataPlane

  constructor(client: net.Socket, destination: Destination, plane: DataPlane) {
    this.#client = client
    this.#destination = destination
    this.#plane = plane
  }

  /** Answers a valid request in place of `upstream`, if it went to one. Without its whole body the connection cannot go on. */
  answer(exchange: Exchange, refusal: Refusal, upstream?: Upstream): void {
    countRefusal(refusal, this.#destination)
    exchange.hop?.refused(refusal, upstream?.address)
    if (!exchange.request.done || exchange.switching) exchange.last = true
    const { accept, method, last } = exchange
    exchange.response = new Body(NO_BODY, false)
    this.#client.write(answerBytes(refusal, { accept, headOnly: method === 'HEAD', close: last }))
  }

  /** Answers what is not a valid request; the connection is to end. */
  reject(refusal: Refusal, method: string): void {
    const { service } = this.#destination
    countRefusal(refusal, this.#destination)
    this.#plane.log.debug({ service, code: refusal.code, detail: refusal.detail }, 'request refused')
    this.#client.write(answerBytes(refusal, { accept: '', headOnly: method === 'HEAD', close: true }))
  }

  /** Why the upstream of the exchange, which is gone, has not answered. Undefined where the client is to see what it would see without the sidecar. */
  notConnected(exchange: Exchange, upstream: Upstream): Refusal | undefined {
    const exhausted = outOfResources(upstream, this.#destination, this.#plane)
    if (exhausted !== undefined || upstream.connected || upstream.kind === 'baseline') return exhausted
    return forkUnreachable(upstream, exchange.route ?? '', this.#destination, this.#plane)
  }

  badResponse(upstream: Upstream, fault: string): Refusal {
    return badResponse(upstream, fault, this.#destination, this.#plane)
  }
}
