// Everything that the agent has told: destinations, route tables, live keys. A snapshot replaces the whole of it at once.

import { parseAddress } from '../core/address.ts'
import type { Carrier } from '../core/carrier.ts'
import type { Change, DestinationEntry } from '../core/wire.ts'
import type { Counters } from './counters.ts'
import { Destination } from './destination.ts'
import { Tables } from './tables.ts'

export class SidecarState {
  /** By listening address. An entry stays the same object as long as its service does, so that open connections see every change. */
  readonly destinations = new Map<string, Destination>()
  /** The highest revision in force; undefined before the first snapshot. */
  revision: number | undefined
  readonly #keys = {
    live: { has: (key: string): boolean => this.#tables.isLive(key) },
    own: undefined as string | undefined,
  }
  readonly #carriers: readonly Carrier[]
  readonly #counters: Counters
  #tables = new Tables()

  constructor(carriers: readonly Carrier[], counters: Counters) {
    this.#carriers = carriers
    this.#counters = counters
  }

  /** Puts a snapshot in force. */
  replace(tables: Tables, revision: number): void {
    this.#tables = tables
    for (const listen of this.destinations.keys()) {
      if (!tables.destinations.has(listen)) this.#drop(listen)
    }
    for (const entry of tables.destinations.values()) this.#put(entry)
    this.#keys.own = tables.ownKey
    this.revision = revision
  }

  /**
   * Puts changes in force, all in one turn of the event loop. True if there are other destinations now. Throws a TypeError that names
   * the first change that makes no sense.
   */
  apply(changes: readonly Change[], revision: number): boolean {
    let others = false
    for (const change of changes) {
      this.#tables.apply(change)
      if ('put' in change) {
        if (change.put.kind !== 'destination') continue
        this.#put(change.put)
      } else {
        if (change.drop.kind !== 'destination') continue
        this.#drop(change.drop.listen)
      }
      others = true
    }
    this.#keys.own = this.#tables.ownKey
    this.revision = revision
    return others
  }

  #drop(listen: string): void {
    this.destinations.get(listen)?.retire()
    this.destinations.delete(listen)
  }

  #put({ listen, service, baseline: text, protocol, tables: names, ...entry }: DestinationEntry): void {
    const inbound = entry.inbound === true
    const baseline = parseAddress(text)
    if (baseline === undefined) return // the tables have refused it
    const tables = names.map((name) => this.#tables.table(name))
    const known = this.destinations.get(listen)
    if (known?.service === service && known.inbound === inbound) {
      known.update(baseline, protocol, tables)
    } else {
      const counts = this.#counters.of(service, inbound)
      const options = { listen, service, baseline, protocol, tables, inbound, counts }
      this.destinations.set(listen, new Destination(options, this.#carriers, this.#keys))
    }
  }
}
