// Everything that the agent has told: destinations, route tables, live keys. Applies changes; a snapshot replaces the whole at once.

import { parseAddress } from '../core/address.ts'
import type { Carrier } from '../core/carrier.ts'
import { RouteTable } from '../core/route-table.ts'
import { routeFromText } from '../core/route.ts'
import type { Change, DestinationEntry } from '../core/wire.ts'
import type { Counters } from './counters.ts'
import { Destination } from './destination.ts'

export class SidecarState {
  readonly destinations = new Map<string, Destination>()
  readonly #tables = new Map<string, RouteTable>()
  readonly #keys = { live: new Set<string>(), own: undefined as string | undefined }
  readonly #carriers: readonly Carrier[]
  readonly #counters: Counters

  constructor(carriers: readonly Carrier[], counters: Counters) {
    this.#carriers = carriers
    this.#counters = counters
  }

  /** Throws a TypeError that names the change if it does not make sense; the state is then as before. */
  apply(change: Change): void {
    if ('put' in change) this.#put(change.put)
    else this.#drop(change.drop)
  }

  #put(entry: Extract<Change, { put: unknown }>['put']): void {
    switch (entry.kind) {
      case 'destination':
        this.#putDestination(entry)
        return
      case 'route': {
        const route = routeFromText(entry)
        if (route === undefined) throw new TypeError(`route ${entry.key} of ${entry.table} has no valid address`)
        this.#table(entry.table).set(route)
        return
      }
      case 'key':
        this.#keys.live.add(entry.key)
        return
      case 'own-key':
        this.#keys.own = entry.key
    }
  }

  #drop(name: Extract<Change, { drop: unknown }>['drop']): void {
    switch (name.kind) {
      case 'destination':
        this.destinations.delete(name.listen)
        return
      case 'route':
        this.#tables.get(name.table)?.delete(name.key)
        return
      case 'key':
        this.#keys.live.delete(name.key)
        return
      case 'own-key':
        this.#keys.own = undefined
    }
  }

  #putDestination(entry: DestinationEntry): void {
    const baseline = parseAddress(entry.baseline)
    if (baseline === undefined || parseAddress(entry.listen) === undefined) {
      throw new TypeError(`destination ${entry.listen} of ${entry.service} has no valid address`)
    }
    const tables = entry.tables.map((name) => this.#table(name))
    const known = this.destinations.get(entry.listen)
    if (known !== undefined && known.service === entry.service) {
      Object.assign(known, { baseline, tables, protocol: entry.protocol })
      return
    }
    const { listen, service, protocol } = entry
    const counts = this.#counters.of(service)
    const options = { listen, service, baseline, protocol, tables, counts }
    this.destinations.set(listen, new Destination(options, this.#carriers, this.#keys))
  }

  #table(name: string): RouteTable {
    let table = this.#tables.get(name)
    if (table === undefined) this.#tables.set(name, (table = new RouteTable()))
    return table
  }
}
