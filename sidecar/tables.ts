// One consistent set of what the agent says: filled by a snapshot, then kept up to date by changes.

import { parseAddress } from '../core/address.ts'
import { RouteTable } from '../core/route-table.ts'
import { routeFromText, routeToText } from '../core/route.ts'
import type { Change, DestinationEntry, Entry, EntryName } from '../core/wire.ts'

export class Tables {
  readonly destinations = new Map<string, DestinationEntry>()
  /** Keys of live sandboxes that no table here has a route for. */
  readonly #otherKeys = new Set<string>()
  ownKey: string | undefined
  readonly #tables = new Map<string, RouteTable>()

  /** Throws a TypeError that names the change if it makes no sense. */
  apply(change: Change): void {
    if ('put' in change) this.#put(change.put)
    else this.#drop(change.drop)
  }

  /** True if the key is that of a live sandbox. */
  isLive(key: string): boolean {
    if (this.#otherKeys.has(key)) return true
    for (const table of this.#tables.values()) if (table.get(key) !== undefined) return true
    return false
  }

  /** All that it holds. Who goes through it while it changes misses nothing that stays. */
  *entries(): Generator<Entry> {
    if (this.ownKey !== undefined) yield { kind: 'own-key', key: this.ownKey }
    yield* this.destinations.values()
    for (const key of this.#otherKeys) yield { kind: 'key', key }
    for (const [table, routes] of this.#tables) {
      for (const route of routes.routes()) yield { kind: 'route', table, ...routeToText(route) }
    }
  }

  /** The table of that name, empty if nothing was said of it yet. */
  table(name: string): RouteTable {
    let table = this.#tables.get(name)
    if (table === undefined) this.#tables.set(name, (table = new RouteTable()))
    return table
  }

  #put(entry: Entry): void {
    switch (entry.kind) {
      case 'destination':
        if (parseAddress(entry.baseline) === undefined || parseAddress(entry.listen) === undefined) {
          throw new TypeError(`destination ${entry.listen} of ${entry.service} has no valid address`)
        }
        this.destinations.set(entry.listen, entry)
        return
      case 'route': {
        const route = routeFromText(entry)
        if (route === undefined) throw new TypeError(`route ${entry.key} of ${entry.table} has no valid address`)
        this.table(entry.table).set(route)
        return
      }
      case 'key':
        this.#otherKeys.add(entry.key)
        return
      case 'own-key':
        this.ownKey = entry.key
    }
  }

  #drop(name: EntryName): void {
    switch (name.kind) {
      case 'destination':
        this.destinations.delete(name.listen)
        return
      case 'route':
        this.#tables.get(name.table)?.delete(name.key)
        return
      case 'key':
        this.#otherKeys.delete(name.key)
        return
      case 'own-key':
        this.ownKey = undefined
    }
  }
}
