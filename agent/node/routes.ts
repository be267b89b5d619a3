// From Routes to what the wire says of them: one entry a port and key, and why a Route is not programmed.

import { parseAddress } from '../../core/address.ts'
import { isRoutingKey } from '../../core/routing-key.ts'
import type { RouteEntry } from '../../core/wire.ts'
import { isForeign } from '../../kubernetes/route-owner.ts'
import type { WhyNoPod } from '../../kubernetes/route-target.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import { wireTable } from './destinations.ts'

/** A Route, without what the agent has no use for. */
export interface NodeRoute {
  readonly name: string
  readonly port: number | undefined
  /** What the wire says of it, but for its table. */
  readonly text: Omit<RouteEntry, 'kind' | 'table'>
  /** Seconds since 1970. */
  readonly created: number
}

/** Why a Route is not programmed. `awaited`: nobody has judged it as it is now. */
export interface Refusal {
  readonly refused: string
  readonly awaited?: true
}

/**
 * What the agent keeps of a Route, or why it must not be programmed. A foreign one waits for the controller's word, and waits again when it is
 * changed: whose pod an address is the agent does not know, since it follows the pods of its own node alone.
 */
export function readRoute(route: Route, whyNoPod: WhyNoPod): NodeRoute | Refusal {
  const { name, creationTimestamp = '' } = route.metadata
  const { key, port, addresses = [], ready = true, reason = '', unready = 'fail' } = route.spec
  const refusal = isForeign(route.metadata) ? refusalOf(route) : undefined
  if (refusal !== undefined) return refusal
  if (!isRoutingKey(key)) return { refused: `${JSON.stringify(key)} is no routing key` }
  if (ready && addresses.length === 0) return { refused: 'a ready route needs an address' }
  for (const text of addresses) {
    const address = parseAddress(text)
    if (address === undefined) return { refused: `${JSON.stringify(text)} is not an address like 10.0.0.7:8080` }
    const what = whyNoPod(address.host)
    if (what !== undefined) return { refused: `${text} is ${what}: a route may point at pods only` }
  }
  const text = {
    key,
    addresses,
    ...(ready ? {} : { ready, reason }),
    ...(unready === 'fail' ? {} : { unready }),
  }
  return { name, port, text, created: Date.parse(creationTimestamp) / 1000 || 0 }
}

function refusalOf({ metadata, status }: Route): Refusal | undefined {
  const verdict = status?.conditions?.find(({ type }) => type === 'Accepted')
  if (verdict === undefined || verdict.observedGeneration !== metadata.generation)
    return { refused: 'the controller has not accepted it yet', awaited: true }
  return verdict.status === 'True' ? undefined : { refused: verdict.message }
}

/**
 * The Route that holds for a port of the table: one that names the port before one for all ports, then the oldest, so that a second one
 * takes nothing away from the first.
 */
export function routeForPort(routes: readonly NodeRoute[], port: number): NodeRoute | undefined {
  let best: NodeRoute | undefined
  for (const route of routes) {
    if (route.port !== undefined && route.port !== port) continue
    if (best === undefined || precedes(route, best)) best = route
  }
  return best
}

/** What the wire says of all Routes of one table and key. */
export function routeEntries(
  namespace: string,
  service: string,
  ports: readonly number[],
  routes: readonly NodeRoute[],
): readonly RouteEntry[] {
  return ports.flatMap((port) => {
    const route = routeForPort(routes, port)
    return route === undefined ? [] : [{ kind: 'route', table: wireTable(namespace, service, port), ...route.text }]
  })
}

function precedes(a: NodeRoute, b: NodeRoute): boolean {
  if ((a.port === undefined) !== (b.port === undefined)) return a.port !== undefined
  return a.created === b.created ? a.name < b.name : a.created < b.created
}
