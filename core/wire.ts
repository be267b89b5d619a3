// What agent and sidecar tell each other: one JSON object a line, a snapshot first, then deltas, each with a revision.

import type { Hop } from './hop.ts'
import type { RouteText } from './route.ts'

/** `http`: HTTP/1 or HTTP/2 for certain, so the upstream is dialled after the request's head. `unknown`: found out on the wire. */
export type Protocol = 'http' | 'unknown'

export interface DestinationEntry {
  readonly kind: 'destination'
  /**
   * The address on which the sidecar takes these calls; identifies the destination. Explicit: any. Intercepted: a local address with
   * `INTERCEPT_PORT`, all served by one listener, written as `localAddress` does. Inbound: `0.0.0.0:15100` or, for IPv6 alone, `[::]:15100`.
   */
  readonly listen: string
  /** Calls from others to this pod's own workload; `baseline` is the pod's own address and the container's port. */
  readonly inbound?: true
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
  /** The kernel redirects every intercepted destination of the snapshot; or, no longer. Between a sidecar's connection and the first one: no. */
  | { readonly redirected: boolean }

/** Sidecar to agent, first line. */
export interface Hello {
  readonly hello: string
  readonly version: string
  readonly pid: number
}

export interface ListenerState {
  readonly listen: string
  /** `*` for the listener of all intercepted destinations. */
  readonly service: string
  /** Why it is not listening. */
  readonly fault?: string
}

/** By service, then by what is counted, since the sidecar started. */
export type ServiceCounts = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Sidecar to agent, at most once a second and whenever destinations, a listener or `draining` change. */
export interface SidecarState {
  readonly revision: number
  readonly listeners: readonly ListenerState[]
  readonly connections: number
  /** It is about to end. Take its redirects away, then say `redirected: false`: it takes new connections until then. */
  readonly draining: boolean
  /** What the agent said last; false before. */
  readonly redirected: boolean
  /** Requests by outcome: `{"cart": {"baseline": 10, "fork": 2, "ST1101": 1}}`. */
  readonly requests: ServiceCounts
  /** The same of inbound destinations. */
  readonly inbound: ServiceCounts
  /** Connections that were copied unread, so that no request on them could be routed: `{"cart": {"tls": 1, "server-first": 2, "other": 3}}`. */
  readonly copied: ServiceCounts
  /**
   * Wrong lines, lost connections to forks and the like, by name. `loop`: own connections that were redirected back. `unknown-destination`:
   * calls on a local address that stands for nothing. `not-redirected`: calls from elsewhere. `beat-late`: times when the loop stood still
   * for so long that the kernel stopped redirecting. `hop-unreported`: traced requests beyond those that are reported in a second.
   */
  readonly events: Readonly<Record<string, number>>
  readonly rss: number
}

/** `hop`: at most some tens a second, of requests that ask to be traced. */
export type SidecarMessage =
  | Hello
  | { readonly applied: number }
  | { readonly state: SidecarState }
  | { readonly hop: Hop }

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
