// Which wire entries follow from Routes and from the ports of their tables: those of what has changed are made anew, no others.

import { type Change, type Entry, type RouteEntry, entryName } from '../../core/wire.ts'
import { wireTable } from './destinations.ts'
import { type NodeRoute, routeEntries } from './routes.ts'
import type { WatchedRoute, WatchedTable } from './watched.ts'

/** Where tables and routes are found as they are now. */
export interface RouteSources {
  table(namespace: string, name: string): WatchedTable | undefined
  /** All Routes of a table. */
  routes(namespace: string, table: string): Iterable<WatchedRoute>
}

/** What the layer holds under a name. */
type Held = (name: string) => Entry | undefined

/** Where the routes of a table stand on the wire. */
interface Place {
  readonly service: string
  readonly ports: readonly number[]
  readonly keys: Set<string>
}

/** When so many keys of one table have changed, the whole table is looked through. */
const MANY = 20

export class RouteLayer {
  readonly #sources: RouteSources
  /** By table, `namespace/name`: the keys that have changed, or all. */
  readonly #changed = new Map<string, Set<string> | 'all'>()
  readonly #places = new Map<string, Place>()
  /** By key: how many Routes have it, and how many entries on the wire. */
  readonly #keys = new Map<string, { routes: number; wired: number }>()
  /** Keys whose numbers have changed. */
  readonly #counted = new Set<string>()

  constructor(sources: RouteSources) {
    this.#sources = sources
  }

  routeChanged(before: WatchedRoute | undefined, after: WatchedRoute | undefined): void {
    if (before !== undefined) this.#touch(before, -1)
    if (after !== undefined) this.#touch(after, 1)
  }

  tableChanged({ metadata: { namespace = '', name } }: WatchedTable): void {
    this.#changed.set(`${namespace}/${name}`, 'all')
  }

  /** What has changed since the last call. */
  changes(held: Held): readonly Change[] {
    const changes: Change[] = []
    for (const [table, keys] of this.#changed) this.#tableChanges(table, keys, held, changes)
    this.#changed.clear()
    for (const key of this.#counted) this.#keyChange(key, held, changes)
    this.#counted.clear()
    return changes
  }

  #touch({ metadata: { namespace = '' }, table, key }: WatchedRoute, by: 1 | -1): void {
    this.#count(key, 'routes', by)
    const id = `${namespace}/${table}`
    const keys = this.#changed.get(id)
    if (keys === undefined) this.#changed.set(id, new Set([key]))
    else if (keys !== 'all' && keys.add(key).size > MANY) this.#changed.set(id, 'all')
  }

  #tableChanges(id: string, keys: ReadonlySet<string> | 'all', held: Held, changes: Change[]): void {
    const [namespace = '', name = ''] = id.split('/', 2)
    const table = this.#sources.table(namespace, name)
    const before = this.#places.get(id)
    const wanted = this.#wanted(namespace, name, table, keys)
    for (const key of keys === 'all' ? (before?.keys ?? []) : keys) {
      for (const port of before?.ports ?? []) {
        const entry = { kind: 'route', table: wireTable(namespace, before?.service ?? '', port), key } as const
        const entryText = entryName(entry)
        if (wanted.has(entryText) || held(entryText) === undefined) continue
        this.#count(key, 'wired', -1)
        changes.push({ drop: entry })
      }
    }
    const place = {
      service: table?.service ?? '',
      ports: table?.ports.map(({ port }) => port) ?? [],
      keys: keys === 'all' ? new Set<string>() : (before?.keys ?? new Set<string>()),
    }
    if (keys !== 'all') for (const key of keys) place.keys.delete(key)
    for (const [entryText, put] of wanted) {
      place.keys.add(put.key)
      const known = held(entryText)
      if (known === undefined) this.#count(put.key, 'wired', 1)
      if (known === undefined || JSON.stringify(known) !== JSON.stringify(put)) changes.push({ put })
    }
    if (table === undefined) this.#places.delete(id)
    else this.#places.set(id, place)
  }

  /** By name. */
  #wanted(
    namespace: string,
    name: string,
    table: WatchedTable | undefined,
    keys: ReadonlySet<string> | 'all',
  ): ReadonlyMap<string, RouteEntry> {
    const wanted = new Map<string, RouteEntry>()
    if (table === undefined) return wanted
    const byKey = new Map<string, NodeRoute[]>()
    for (const { key, route } of this.#sources.routes(namespace, name)) {
      if ('refused' in route || (keys !== 'all' && !keys.has(key))) continue
      const known = byKey.get(key)
      if (known === undefined) byKey.set(key, [route])
      else known.push(route)
    }
    const ports = table.ports.map(({ port }) => port)
    for (const routes of byKey.values()) {
      for (const entry of routeEntries(namespace, table.service, ports, routes)) wanted.set(entryName(entry), entry)
    }
    return wanted
  }

  /** A key that has a route in a sidecar is live by that, and every sidecar has all routes; any other one is said. */
  #keyChange(key: string, held: Held, changes: Change[]): void {
    const count = this.#keys.get(key)
    const entry = { kind: 'key', key } as const
    const known = held(entryName(entry)) !== undefined
    const wanted = count !== undefined && count.routes > 0 && count.wired === 0
    if (wanted && !known) changes.push({ put: entry })
    if (!wanted && known) changes.push({ drop: entry })
    if (count?.routes === 0 && count.wired === 0) this.#keys.delete(key)
  }

  #count(key: string, what: 'routes' | 'wired', by: 1 | -1): void {
    let count = this.#keys.get(key)
    if (count === undefined) this.#keys.set(key, (count = { routes: 0, wired: 0 }))
    count[what] += by
    this.#counted.add(key)
  }
}
