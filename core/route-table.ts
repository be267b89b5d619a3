// The routes of one Service by key: constant-time look-up, under 100 bytes for the usual route.

import { isIpv4 } from './address.ts'
import type { Route } from './route.ts'

/**
 * The usual route is ready, has one IPv4 address and no special wish: it is kept as one number (address × 65,536 + port),
 * since an object with its strings would cost 550 bytes and a sidecar may hold 100,000 of them. Others are kept whole.
 */
type Entry = number | Route

export class RouteTable {
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Route | undefined {
    const entry = this.#entries.get(key)
    return typeof entry === 'number' ? unpack(key, entry) : entry
  }

  set(route: Route): void {
    this.#entries.set(route.key, pack(route) ?? route)
  }

  delete(key: string): boolean {
    return this.#entries.delete(key)
  }

  *routes(): Generator<Route> {
    for (const [key, entry] of this.#entries) yield typeof entry === 'number' ? unpack(key, entry) : entry
  }
}

function pack(route: Route): number | undefined {
  const [address, ...more] = route.addresses
  if (!route.ready || route.unready !== 'fail' || address === undefined || more.length > 0) return undefined
  if (!isIpv4(address.host)) return undefined
  let ip = 0
  for (const part of address.host.split('.')) ip = ip * 256 + Number(part)
  return ip * 65_536 + address.port
}

function unpack(key: string, packed: number): Route {
  const port = packed % 65_536
  const ip = (packed - port) / 65_536
  const host = `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`
  return { key, addresses: [{ host, port }], ready: true, reason: '', unready: 'fail' }
}
