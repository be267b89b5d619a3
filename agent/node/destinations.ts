// From routing tables and endpoints to what is intercepted on this node: every address that a pod may call, with its tables.

import { type Address, formatAddress } from '../../core/address.ts'
import { INTERCEPT_PORT, localAddress } from '../../core/interception.ts'
import type { DestinationEntry, Protocol } from '../../core/wire.ts'
import type { RoutedPort } from '../../kubernetes/resources/routing-table.ts'

/** A RoutingTable, without what the agent has no use for. */
export interface Table {
  readonly namespace: string
  readonly service: string
  readonly clusterIPs: readonly string[]
  readonly ports: readonly RoutedPort[]
  readonly headless: boolean
}

/** An EndpointSlice of IP addresses: each of them with each of the ports. */
export interface Endpoints {
  readonly namespace: string
  readonly service: string
  readonly addresses: readonly string[]
  /** `name` is that of the Service's port, empty if it has none; `port` is the pod's. */
  readonly ports: readonly { readonly name: string; readonly port: number }[]
}

/** An address that is intercepted. */
export interface Destination {
  readonly address: Address
  /** `shop/cart`: the first of those that share the address. */
  readonly service: string
  /** HTTP for certain only if every Service that shares the address says so. */
  readonly protocol: Protocol
  /** On the wire: `shop/cart:80`. */
  readonly tables: readonly string[]
}

/** By address as text: `10.96.0.1:80`. */
export type Destinations = ReadonlyMap<string, Destination>

/** Protocols in which the server speaks first, or that lose much and gain nothing by a copy: mail, databases, queues, caches, etcd, ssh. */
const NEVER: ReadonlySet<number> = new Set([
  22, 25, 465, 587, 1433, 1521, 2181, 2379, 2380, 3306, 4222, 5432, 5671, 5672, 6379, 6380, 9042, 9092, 9093, 11_211,
  26_257, 27_017, 27_018, 27_019, 33_060, 61_616,
])

export function isNeverIntercepted(port: number): boolean {
  return NEVER.has(port)
}

/** `shop/cart:80`, the name of the routes of one port of a Service. */
export function wireTable(namespace: string, service: string, port: number): string {
  return `${namespace}/${service}:${port}`
}

/** The cluster addresses of all Services that have any. */
export function clusterDestinations(tables: Iterable<Table>): Destinations {
  const found = new Gatherer()
  for (const table of tables) {
    if (table.headless) continue
    for (const host of table.clusterIPs) {
      for (const port of table.ports) found.add({ host, port: port.port }, table, port)
    }
  }
  return found.destinations()
}

/** The addresses of endpoints: of headless Services only, or of every Service that has a table. */
export function endpointDestinations(
  tables: Iterable<Table>,
  endpoints: Iterable<Endpoints>,
  which: 'headless' | 'all',
): Destinations {
  const byService = new Map<string, Table>()
  for (const table of tables) {
    if (which === 'all' || table.headless) byService.set(`${table.namespace}/${table.service}`, table)
  }
  const found = new Gatherer()
  for (const { namespace, service, addresses, ports } of endpoints) {
    const table = byService.get(`${namespace}/${service}`)
    if (table === undefined) continue
    for (const { name, port: podPort } of ports) {
      const port = table.ports.find((each) => (each.name ?? '') === name)
      if (port === undefined) continue
      for (const host of addresses) found.add({ host, port: podPort }, table, port)
    }
  }
  return found.destinations()
}

/** Cluster addresses and endpoints together. */
export function joined(one: Destinations, other: Destinations): Destinations {
  const all = new Map(one)
  for (const [text, destination] of other) {
    const known = all.get(text)
    all.set(text, known === undefined ? destination : union(known, destination))
  }
  return all
}

/** The inbound side of a pod: its own addresses with the ports that a Service with a table leads to. */
export function inboundDestinations(
  podIPs: readonly string[],
  tables: Iterable<Table>,
  endpoints: Iterable<Endpoints>,
): Destinations {
  const own = new Set(podIPs)
  const mine: Endpoints[] = []
  for (const each of endpoints) {
    const addresses = each.addresses.filter((address) => own.has(address))
    if (addresses.length > 0) mine.push({ ...each, addresses })
  }
  return endpointDestinations(tables, mine, 'all')
}

/** `number` is that of the destination's local address on this node. */
export function destinationEntry(destination: Destination, number: number): DestinationEntry {
  const { address, service, protocol, tables } = destination
  return {
    kind: 'destination',
    listen: formatAddress({ host: localAddress(number, familyOf(address.host)), port: INTERCEPT_PORT }),
    service,
    baseline: formatAddress(address),
    protocol,
    tables,
  }
}

export function familyOf(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4
}

class Gatherer {
  readonly #found = new Map<string, Destination>()

  add(address: Address, table: Table, port: RoutedPort): void {
    if (NEVER.has(address.port)) return
    const text = formatAddress(address)
    const one: Destination = {
      address,
      service: `${table.namespace}/${table.service}`,
      protocol: port.protocol,
      tables: [wireTable(table.namespace, table.service, port.port)],
    }
    const known = this.#found.get(text)
    this.#found.set(text, known === undefined ? one : union(known, one))
  }

  destinations(): Destinations {
    return this.#found
  }
}

/** What two Services that share an address make of it: whatever the order in which they are seen. */
function union(a: Destination, b: Destination): Destination {
  return {
    address: a.address,
    service: a.service < b.service ? a.service : b.service,
    protocol: a.protocol === b.protocol ? a.protocol : 'unknown',
    tables: [...new Set([...a.tables, ...b.tables])].toSorted(),
  }
}
