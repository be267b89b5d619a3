// Puts the path of a request together from the spans of its trace: a call's `client` span, and under it the `server` span.

import type { Span } from './services/span.ts'

export interface Hop {
  /** Who called; undefined for the first hop. */
  readonly caller: string | undefined
  /** The service that was called. */
  readonly service: string
  /** The variant that answered, `?` if it did not say; undefined if no application answered. */
  readonly variant: string | undefined
  /** Why no application answered, as a code. */
  readonly fault: string | undefined
  readonly status: number
  readonly ms: number
  /** In the order in which they began. */
  readonly calls: readonly Hop[]
}

/** What to do about a call that was made, or answered, and has not been reported (yet). */
export type WhenUnreported = 'wait' | 'show'

/** The path below `root`, or undefined while it has to wait for a span. */
export function assemblePath(root: Span, spans: readonly Span[], unreported: WhenUnreported): Hop | undefined {
  if (root.kind === 'client') return calledHop(root, spans, unreported)
  const calls = callsOf(root, spans, unreported)
  if (calls === undefined) return undefined
  const { service, variant, status, ms } = root
  return { caller: undefined, service, variant, fault: undefined, status, ms, calls }
}

/** All hops, the first one first. */
export function flatten(hop: Hop): readonly Hop[] {
  return [hop, ...hop.calls.flatMap(flatten)]
}

function calledHop(client: Span, spans: readonly Span[], unreported: WhenUnreported): Hop | undefined {
  const servers = spans.filter((span) => span.kind === 'server' && span.parentId === client.spanId)
  if (servers.length === 0 && client.fault === undefined && unreported === 'wait') return undefined
  const service = client.peer ?? '?'
  const calls: Hop[] = []
  for (const server of servers) {
    const further = callsOf(server, spans, unreported)
    if (further === undefined) return undefined
    calls.push(...further)
  }
  const { service: caller, fault, status, ms } = client
  return { caller, service, variant: variantOf(client, service, servers), fault, status, ms, calls }
}

/** One call that several processes saw, or that another service answered, was routed wrongly: the name shows it. */
function variantOf(client: Span, service: string, servers: readonly Span[]): string | undefined {
  if (servers.length === 0) return client.fault === undefined ? '?' : undefined
  return servers.map((server) => (server.service === service ? '' : `${server.service}/`) + server.variant).join('+')
}

function callsOf(server: Span, spans: readonly Span[], unreported: WhenUnreported): readonly Hop[] | undefined {
  const clients = spans.filter((span) => span.kind === 'client' && span.parentId === server.spanId)
  if (unreported === 'wait' && clients.length < (server.calls ?? 0)) return undefined
  const hops: Hop[] = []
  for (const client of clients.toSorted((one, other) => one.start - other.start)) {
    const hop = calledHop(client, spans, unreported)
    if (hop === undefined) return undefined
    hops.push(hop)
  }
  return hops
}
