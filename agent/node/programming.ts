// From what is watched to what sidecars hold and kernels redirect: a burst of changes becomes one change of the hub and one of each pod.

import type { Change } from '../../core/wire.ts'
import type { Log } from '../../runtime/log.ts'
import type { Readiness } from '../../runtime/readiness.ts'
import type { Hub } from '../hub.ts'
import { DestinationLayers, type LayerName, type Targets } from './destination-layers.ts'
import {
  type Destinations,
  clusterDestinations,
  endpointDestinations,
  inboundDestinations,
  joined,
} from './destinations.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { PodKeeper } from './pod-keeper.ts'
import { RouteLayer } from './route-layer.ts'
import type { WatchedRoute, WatchedTable } from './watched.ts'
import type { Watched } from './watches.ts'

/** Layers that sidecars hold together. */
export const SHARED_LAYERS = ['routes', 'services', 'endpoints'] as const

const ADDRESSES = 'local addresses'
const RETRY_MS = 1000

export interface ProgrammingParts {
  readonly hub: Hub
  readonly log: Log
  readonly readiness: Readiness
  readonly addresses: LocalAddresses
  readonly watched: () => Watched
  readonly keepers: ReadonlyMap<string, PodKeeper>
}

export class Programming {
  readonly #parts: ProgrammingParts
  readonly #destinations: DestinationLayers
  readonly #routes: RouteLayer
  #destinationsChanged = true

  constructor(parts: ProgrammingParts) {
    this.#parts = parts
    this.#destinations = new DestinationLayers(parts.addresses)
    this.#routes = new RouteLayer({
      table: (namespace, name) => parts.watched().tables.get(namespace, name),
      routes: (namespace, table) => parts.watched().routes.by('table', `${namespace}/${table}`),
    })
  }

  targets(layer: LayerName): Targets | undefined {
    return this.#destinations.targets(layer)
  }

  tableChanged(before: WatchedTable | undefined, after: WatchedTable | undefined): void {
    const table = after ?? before
    if (table !== undefined) this.#routes.tableChanged(table)
    this.#destinationsChanged = true
  }

  routeChanged(before: WatchedRoute | undefined, after: WatchedRoute | undefined): void {
    this.#routes.routeChanged(before, after)
  }

  destinationsChanged(): void {
    this.#destinationsChanged = true
  }

  /** Puts all of it in force. True if kernels have to be changed as well; their pods have been told. */
  flush(again: () => void): boolean {
    const { hub, keepers } = this.#parts
    const changes = new Map<string, readonly Change[]>()
    const before = SHARED_LAYERS.map((name) => (name === 'routes' ? undefined : this.targets(name)))
    const others = this.#destinationsChanged
    if (others) {
      try {
        const put = this.#destinations.replace(this.#wanted(), hub.revision + 1, this.#isRedirected)
        for (const [layer, each] of put) changes.set(layer, each)
        this.#destinationsChanged = false
        this.#parts.readiness.done(ADDRESSES)
      } catch (error) {
        this.#failed(error)
        setTimeout(again, RETRY_MS).unref()
      }
    }
    changes.set(
      'routes',
      this.#routes.changes((name) => hub.entry('routes', name)),
    )
    hub.change(changes)
    if (!others) return false
    for (const keeper of keepers.values()) if (keeper.pod.inbound) keeper.intercept(this.#inbound(keeper))
    const after = SHARED_LAYERS.map((name) => (name === 'routes' ? undefined : this.targets(name)))
    if (after.every((targets, index) => targets === before[index])) return false
    for (const keeper of keepers.values()) keeper.poke()
    this.sweep()
    return true
  }

  /** Lets sidecars forget what no kernel leads to any more. */
  sweep(): void {
    const changes = this.#destinations.sweep(this.#isRedirected)
    if (changes.size > 0) this.#parts.hub.change(changes)
  }

  readonly #isRedirected = (address: string, layer?: LayerName): boolean => {
    for (const keeper of this.#parts.keepers.values()) {
      if ((layer === undefined || keeper.layer === layer) && keeper.redirects(address)) return true
    }
    return false
  }

  #wanted(): ReadonlyMap<LayerName, Destinations> {
    const watched = this.#parts.watched()
    const tables = [...watched.tables.values()]
    const endpoints = [...(watched.endpoints?.values() ?? [])]
    const services = clusterDestinations(tables)
    const wanted = new Map<LayerName, Destinations>()
    wanted.set('services', joined(services, endpointDestinations(tables, endpoints, 'headless')))
    const asked = [...this.#parts.keepers.values()].some(({ layer }) => layer === 'endpoints')
    if (asked) wanted.set('endpoints', joined(services, endpointDestinations(tables, endpoints, 'all')))
    else if (this.targets('endpoints') !== undefined) wanted.set('endpoints', new Map())
    return wanted
  }

  #inbound({ pod }: PodKeeper): Destinations {
    const { tables, endpoints } = this.#parts.watched()
    const mine = new Set(pod.addresses.flatMap((address) => [...(endpoints?.by('address', address) ?? [])]))
    return inboundDestinations(pod.addresses, tables.values(), mine)
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    const { readiness, log } = this.#parts
    if (readiness.reasons()[ADDRESSES] !== why)
      log.error({ err: error, code: 'ST2007' }, 'new destinations get no local address; what is redirected stays so')
    readiness.pending(ADDRESSES, why)
  }
}
