// A span is one side of one call: `client` is what the caller saw, `server` what the called service did. One JSON line each.

export interface Span {
  readonly traceId: string
  readonly spanId: string
  /** The span that caused this one; absent where a trace begins. */
  readonly parentId?: string
  readonly kind: 'client' | 'server'
  /** Who reports it. */
  readonly service: string
  readonly variant: string
  /** Client: the service that was called. */
  readonly peer?: string
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number
  /** Client: why no application answered, as a code: `ST1102` from a sidecar, `ECONNREFUSED` from the system. */
  readonly fault?: string
  /** When it began, in milliseconds of Unix time. */
  readonly start: number
  readonly ms: number
  /** Server: how many calls it made, so that a reader knows when it has heard of all. */
  readonly calls?: number
  /** Server: the routing keys as they arrived. */
  readonly keys?: string
}

/** The span in a line of a service's output, or undefined if the line is something else. */
export function parseSpan(line: string): Span | undefined {
  if (!line.startsWith('{"traceId"')) return undefined
  try {
    const span: Span = JSON.parse(line)
    return span
  } catch {
    return undefined
  }
}
