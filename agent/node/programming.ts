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

const LAYERS: readonly LayerName[] = ['services', 'endpoints']

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
  #generation = 0

  constructor(parts: ProgrammingParts) {
    this.#parts = parts
    this.#destinations = new DestinationLayers(parts.addresses)
    this.#routes = new RouteLayer({
      table: (namespace, name) => parts.watched().tables.get(namespace, name),
      routes: (namespace, table) => parts.watched().routes.by('table', `${namespace}/${table}`),
    })
  }

  /** Counts the changes of what is to be redirected in any pod. */
  get generation(): number {
    return this.#generation
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

  /**
   * Puts all of it in force; pods whose kernels have to be changed are told. False if that cannot be done for destinations: then `again` is
   * called in a while.
   */
  flush(again: () => void): boolean {
    const { hub, keepers } = this.#parts
    const before = LAYERS.map((name) => this.targets(name))
    const others = this.#destinationsChanged
    const destinations = others ? this.#replaceDestinations(again) : new Map<LayerName, readonly Change[]>()
    const routes = this.#routes.changes((name) => hub.entry('routes', name))
    hub.change(new Map<string, readonly Change[]>([...(destinations ?? []), ['routes', routes]]))
    if (!others || destinations === undefined) return destinations !== undefined
    let changed = LAYERS.some((name, index) => this.targets(name) !== before[index])
    for (const keeper of keepers.values()) if (keeper.intercept(this.#inbound(keeper))) changed = true
    if (!changed) return true
    this.#generation++
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

  #replaceDestinations(again: () => void): ReadonlyMap<LayerName, readonly Change[]> | undefined {
    const { hub, readiness } = this.#parts
    try {
      const changes = this.#destinations.replace(this.#wanted(), hub.revision + 1, this.#isRedirected)
      this.#destinationsChanged = false
      readiness.done(ADDRESSES)
      return changes
    } catch (error) {
      this.#failed(error)
      setTimeout(again, RETRY_MS).unref()
      return undefined
    }
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
    if (!pod.inbound) return new Map()
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
