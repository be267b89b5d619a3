// What agent and sidecar tell each other: one JSON object a line, a snapshot first, then deltas, each with a revision.

import type { RouteText } from './route.ts'

/** `http`: HTTP/1 or HTTP/2 for certain, so the upstream is dialled after the request's head. `unknown`: found out on the wire. */
export type Protocol = 'http' | 'unknown'

export interface DestinationEntry {
  readonly kind: 'destination'
  /** The local address on which the sidecar takes these calls; identifies the destination. */
  readonly listen: string
  /** The name that people know it by. */
  readonly service: string
  readonly baseline: string
  readonly protocol: Protocol
  readonly tables: readonly string[]
}

export interface RouteEntry extends RouteText {
  readonly kind: 'route'
  readonly table: string
}

/** A routing key that some live sandbox owns although none of the sidecar's tables has a route for it. */
export interface KeyEntry {
  readonly kind: 'key'
  readonly key: string
}

/** The routing key of the fork that the sidecar stands beside; requests that carry none get it. */
export interface OwnKeyEntry {
  readonly kind: 'own-key'
  readonly key: string
}

export type Entry = DestinationEntry | RouteEntry | KeyEntry | OwnKeyEntry

/** The part of an entry that says which one it is. */
export type EntryName =
  | Pick<DestinationEntry, 'kind' | 'listen'>
  | Pick<RouteEntry, 'kind' | 'table' | 'key'>
  | Pick<KeyEntry, 'kind' | 'key'>
  | Pick<OwnKeyEntry, 'kind'>

export type Change = { readonly put: Entry } | { readonly drop: EntryName }

/** Agent to sidecar. What comes between `snapshot` and `synced` replaces everything; afterwards changes hold from their `revision` on. */
export type AgentMessage =
  | { readonly snapshot: true }
  | Change
  | { readonly synced: number }
  | { readonly revision: number }

/** Sidecar to agent, first line. */
export interface Hello {
  readonly hello: string
  readonly version: string
  readonly pid: number
}

export interface ListenerState {
  readonly listen: string
  readonly service: string
  /** Why it is not listening. */
  readonly fault?: string
}

/** Sidecar to agent, at most once a second and whenever a revision is applied or a listener changes. */
export interface SidecarState {
  readonly revision: number
  readonly listeners: readonly ListenerState[]
  readonly connections: number
  readonly draining: boolean
  /** Requests by service and outcome, since the sidecar started: `{"cart": {"baseline": 10, "fork": 2, "ST1101": 1}}`. */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Wrong lines, lost connections to forks and the like, by name. */
  readonly events: Readonly<Record<string, number>>
  readonly rss: number
}

export type SidecarMessage = Hello | { readonly applied: number } | { readonly state: SidecarState }

export function entryName(entry: EntryName): string {
  switch (entry.kind) {
    case 'destination':
      return `destination ${entry.listen}`
    case 'route':
      return `route ${entry.table} ${entry.key}`
    case 'key':
      return `key ${entry.key}`
    case 'own-key':
      return 'own-key'
  }
}

export function encodeLine(message: AgentMessage | SidecarMessage): string {
  return `${JSON.stringify(message)}\n`
}

/** What turns `before` into `after`: drops first, so that an address that changes hands is free before it is taken. */
export function difference(before: ReadonlyMap<string, Entry>, after: ReadonlyMap<string, Entry>): readonly Change[] {
  const changes: Change[] = []
  for (const [name, entry] of before) {
    if (!after.has(name)) changes.push({ drop: nameOf(entry) })
  }
  for (const [name, entry] of after) {
    const old = before.get(name)
    if (old === undefined || JSON.stringify(old) !== JSON.stringify(entry)) changes.push({ put: entry })
  }
  return changes
}

/** The name alone, for a `drop`. */
export function nameOf(entry: EntryName): EntryName {
  switch (entry.kind) {
    case 'destination':
      return { kind: 'destination', listen: entry.listen }
    case 'route':
      return { kind: 'route', table: entry.table, key: entry.key }
    case 'key':
      return { kind: 'key', key: entry.key }
    case 'own-key':
      return { kind: 'own-key' }
  }
}
