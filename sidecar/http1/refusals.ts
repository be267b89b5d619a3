// What the sidecar has to say itself on HTTP/1: the refusal, a line in the log, and the count.

import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import type { Refusal } from '../refusal.ts'
import type { Upstream } from './upstream.ts'

/** A fork that did not accept a connection. `route` is `cart=pr-42`. */
export function forkUnreachable(
  upstream: Upstream,
  route: string,
  destination: Destination,
  plane: DataPlane,
): Refusal {
  const address = addressOf(upstream)
  const reason = upstream.error?.code ?? 'closed'
  if (plane.throttle.allows(`${route} ${address}`)) {
    plane.log.warn({ service: destination.service, route, address, reason, code: 'ST1102' }, 'fork unreachable')
  }
  return { code: 'ST1102', detail: `${route} at ${address}: ${reason}.` }
}

/** An upstream whose response has `fault`. */
export function badResponse(upstream: Upstream, fault: string, destination: Destination, plane: DataPlane): Refusal {
  const address = addressOf(upstream)
  if (plane.throttle.allows(`${address} ${fault}`)) {
    plane.log.warn({ service: destination.service, address, fault, code: 'ST1104' }, 'response refused')
  }
  return { code: 'ST1104', detail: `The response of ${address} has ${fault}.` }
}

/** What says that this process or its machine has no more to give, and nothing about the upstream. */
const EXHAUSTED: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])

/** A connection that could not be opened because the sidecar has no file descriptors or memory left; undefined if that is not why. */
export function outOfResources(upstream: Upstream, destination: Destination, plane: DataPlane): Refusal | undefined {
  const code = upstream.error?.code
  if (upstream.connected || !EXHAUSTED.has(code)) return undefined
  if (plane.throttle.allows(`resources ${code}`)) {
    plane.log.warn(
      { service: destination.service, reason: code, code: 'ST1105' },
      'no resources for another connection',
    )
  }
  return { code: 'ST1105', detail: `The sidecar cannot open another connection: ${code}.` }
}

/** The request of a connection that holds more than others, in a sidecar that holds more than it may. */
export function tooMuchHeld(): Refusal {
  return {
    code: 'ST1105',
    detail: 'More bytes wait in the sidecar than it may hold, and many of them on this connection.',
  }
}

export function countRefusal(refusal: Refusal, destination: Destination): void {
  const { refused } = destination.counts
  refused[refusal.code] = (refused[refusal.code] ?? 0) + 1
}

function addressOf({ address: { host, port } }: Upstream): string {
  return `${host}:${port}`
}
