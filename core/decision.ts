// The one routing decision: which of a request's keys, if any, sends it to a fork.

import type { Route } from './route.ts'
import type { RoutingKeys } from './routing-key.ts'

export type Decision =
  | { readonly to: 'baseline' }
  | { readonly to: 'fork'; readonly route: Route }
  | { readonly to: 'nowhere'; readonly why: 'unready'; readonly key: string; readonly reason: string }
  | { readonly to: 'nowhere'; readonly why: 'unknown-key'; readonly key: string }

export interface RouteLookup {
  get(key: string): Route | undefined
}

export interface Destination {
  /** The tables of every Service that shares the address that was called: routes of all of them count. */
  readonly tables: readonly RouteLookup[]
  /** Keys of live sandboxes, whether or not they fork this Service. */
  readonly liveKeys: { has(key: string): boolean }
  /** The key of the fork that calls, if a fork does: traffic born in a sandbox stays in it. */
  readonly ownKey: string | undefined
}

const BASELINE: Decision = { to: 'baseline' }

/** The first key that has a route decides; without one the baseline answers, unless the sender was strict about a dead key. */
export function decide(request: Pick<RoutingKeys, 'keys' | 'strict'>, destination: Destination): Decision {
  if (request.keys.length === 0) {
    return destination.ownKey === undefined ? BASELINE : (follow(destination.ownKey, destination) ?? BASELINE)
  }
  for (const key of request.keys) {
    const decision = follow(key, destination)
    if (decision !== undefined) return decision
  }
  if (request.strict) {
    const dead = request.keys.find((key) => !destination.liveKeys.has(key))
    if (dead !== undefined) return { to: 'nowhere', why: 'unknown-key', key: dead }
  }
  return BASELINE
}

function follow(key: string, destination: Destination): Decision | undefined {
  for (const table of destination.tables) {
    const route = table.get(key)
    if (route === undefined) continue
    if (route.ready) return { to: 'fork', route }
    if (route.unready === 'baseline') return BASELINE
    return { to: 'nowhere', why: 'unready', key, reason: route.reason }
  }
  return undefined
}
