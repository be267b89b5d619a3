// A route says where requests with a routing key go for one Service, and why not when its fork is not ready.

import { type Address, formatAddress, parseAddress } from './address.ts'

export interface Route {
  readonly key: string
  /** The fork's pods or the local process; empty only while it is not ready. */
  readonly addresses: readonly Address[]
  readonly ready: boolean
  /** Why it is not ready, in plain words; empty when it is. */
  readonly reason: string
  /** What a request gets while it is not ready: a 503 that says why, or the baseline. */
  readonly unready: 'fail' | 'baseline'
}

/** A route as it is written on the wire and in objects: addresses as text, defaults left out. */
export interface RouteText {
  readonly key: string
  readonly addresses: readonly string[]
  readonly ready?: boolean
  readonly reason?: string
  readonly unready?: 'fail' | 'baseline'
}

export function routeToText(route: Route): RouteText {
  return {
    key: route.key,
    addresses: route.addresses.map(formatAddress),
    ...(route.ready ? {} : { ready: false, reason: route.reason }),
    ...(route.unready === 'fail' ? {} : { unready: route.unready }),
  }
}

/** The route that `text` describes; undefined if one of its addresses is none. */
export function routeFromText(text: RouteText): Route | undefined {
  const addresses: Address[] = []
  for (const each of text.addresses) {
    const address = parseAddress(each)
    if (address === undefined) return undefined
    addresses.push(address)
  }
  const ready = text.ready ?? true
  if (ready && addresses.length === 0) return undefined
  return { key: text.key, addresses, ready, reason: text.reason ?? '', unready: text.unready ?? 'fail' }
}
