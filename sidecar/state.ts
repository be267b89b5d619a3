// Everything that the agent has told: destinations, route tables, live keys. A snapshot replaces the whole of it at once.

import { parseAddress } from '../core/address.ts'
import type { Carrier } from '../core/carrier.ts'
import type { Change } from '../core/wire.ts'
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
    this.#takeOver(revision)
  }

  /** Puts changes in force, all in one turn of the event loop. Throws a TypeError that names the first one that makes no sense. */
  apply(changes: readonly Change[], revision: number): void {
    for (const change of changes) this.#tables.apply(change)
    if (changes.every((change) => ('put' in change ? change.put : change.drop).kind === 'route'))
      this.revision = revision
    else this.#takeOver(revision)
  }

  #takeOver(revision: number): void {
    this.revision = revision
    this.#keys.own = this.#tables.ownKey
    for (const listen of this.destinations.keys()) {
      if (!this.#tables.destinations.has(listen)) this.destinations.delete(listen)
    }
    for (const { listen, service, baseline: text, protocol, tables: names } of this.#tables.destinations.values()) {
      const baseline = parseAddress(text)
      if (baseline === undefined) continue
      const tables = names.map((name) => this.#tables.table(name))
      const known = this.destinations.get(listen)
      if (known?.service === service) {
        known.update(baseline, protocol, tables)
      } else {
        const options = { listen, service, baseline, protocol, tables, counts: this.#counters.of(service) }
        this.destinations.set(listen, new Destination(options, this.#carriers, this.#keys))
      }
    }
  }
}
