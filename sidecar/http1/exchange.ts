// One request and its response while they pass.

import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import type { OpenHop } from '../tracer.ts'
import type { Body } from './body.ts'
import type { PartialHead } from './partial-head.ts'
import type { Plan } from './request.ts'
import type { Upstream } from './upstream.ts'
import type { Upstreams } from './upstreams.ts'

export interface Exchange {
  readonly method: string
  readonly request: Body
  /** Undefined for an answer that the sidecar makes itself. */
  readonly upstream: Upstream | undefined
  /** `cart=pr-42` if a fork answers: said in its response. */
  readonly route: string | undefined
  readonly accept: string
  /** Of a traced request. */
  readonly hop: OpenHop | undefined
  /** The request asks for another protocol (Upgrade, CONNECT): its connection is never used for another request. */
  readonly switching: boolean
  /** The connection ends after it. */
  last: boolean
  /** The response's body, once its head has passed. */
  response: Body | undefined
  /** The beginning of a response head whose end is still to come. */
  partial: PartialHead | undefined
  /** The protocol was switched: bytes are copied both ways. */
  tunnel: boolean
  /** It was forwarded, and no answer has come yet. */
  awaited: boolean
}

/** Finds or opens the upstream's connection, and counts the request. */
export function openExchange(
  plan: Exclude<Plan, { kind: 'reject' }>,
  destination: Destination,
  upstreams: Upstreams,
): Exchange {
  const { method, accept, body: request, switching, last, hop } = plan
  let upstream: Upstream | undefined
  let route: string | undefined
  if (plan.kind === 'forward') {
    if (plan.decision.to === 'fork') {
      destination.counts.fork++
      upstream = upstreams.fork(plan.decision.route)
      route = `${destination.service}=${plan.decision.route.key}`
    } else {
      destination.counts.baseline++
      upstream = upstreams.baseline(destination.baseline)
    }
  }
  return {
    method,
    request,
    upstream,
    route,
    accept,
    hop,
    switching,
    last,
    response: undefined,
    partial: undefined,
    tunnel: false,
    awaited: false,
  }
}

/** It goes to its upstream, and its answer is waited for. */
export function launch(exchange: Exchange, { inFlight }: DataPlane): void {
  exchange.awaited = true
  inFlight.asked()
}

/** The answer has begun to come, or never will. */
export function settle(exchange: Exchange, { inFlight, quietGarbage }: DataPlane): void {
  if (!exchange.awaited) return
  exchange.awaited = false
  inFlight.answered()
  quietGarbage.answered()
}
