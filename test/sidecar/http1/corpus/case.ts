// The form of a case: what each side sends and must receive, step by step, as bytes (one byte a character).

import type { At } from '../../../fixtures/corpus/bed.ts'
import type { Named } from '../../../fixtures/corpus/run.ts'

export interface Refused {
  readonly status: number
  readonly code: string
  /** The answer to HEAD: a head only. */
  readonly headOnly?: boolean
  /** The connection goes on. */
  readonly open?: boolean
}

export type Step =
  /** The client sends it. */
  | { readonly send: string }
  /** Exactly these bytes are what the upstream receives next. */
  | { readonly sees: string; readonly at?: At }
  | { readonly reply: string; readonly at?: At }
  /** Exactly these bytes are what the client receives next. */
  | { readonly gets: string }
  /** An answer of the sidecar's own is what the client receives next. */
  | { readonly refused: Refused }
  | { readonly ends: 'client' | At }
  | { readonly resets: At }
  /** The sidecar has ended its connection to that side; `reset` if by a reset. */
  | { readonly closed: 'client' | At; readonly reset?: true }

export interface Case extends Named {
  readonly steps: readonly Step[]
  /** The routing key of the fork that the client is, if it is one. */
  readonly own?: string
  /** What the upstream may have received of a request whose fault is found after its head has gone; nothing by default. */
  readonly begun?: string
  /** The outcome is this one only if the client's bytes come in one piece. */
  readonly whole?: true
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
export const PROBE = 'GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n'
const PROBED = 'HTTP/1.1 204 No Content\r\n\r\n'

/** A head of these lines. */
export function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

export function get(...fields: readonly string[]): string {
  return head('GET / HTTP/1.1', 'Host: a', ...fields)
}

export function post(body: string, ...fields: readonly string[]): string {
  return head('POST / HTTP/1.1', 'Host: a', ...fields) + body
}

export function keyed(key: string, ...fields: readonly string[]): string {
  return get(`baggage: sidetrack=${key}`, ...fields)
}

/** The same message with a line after its first one. */
export function withLine(message: string, line: string): string {
  const end = message.indexOf('\r\n') + 2
  return `${message.slice(0, end)}${line}\r\n${message.slice(end)}`
}

/** The connection is still in step: one more request and its answer pass. */
export function probe(addedLine?: string): readonly Step[] {
  const seen = addedLine === undefined ? PROBE : withLine(PROBE, addedLine)
  return [{ send: PROBE }, { sees: seen }, { reply: PROBED }, { gets: PROBED }]
}

export interface Passing {
  readonly at?: At
  readonly sees?: string
  readonly reply?: string
  readonly gets?: string
  /** The sidecar ends the connection after it; otherwise it must carry another request. */
  readonly closes?: boolean
  readonly own?: string
}

/** A request that must reach the upstream, by default byte for byte, and its answer the client. */
export function passes(rfc: string, name: string, send: string, options: Passing = {}): Case {
  const { at = 'baseline', sees = send, reply = OK, closes = false, own } = options
  const gets = options.gets ?? (at === 'baseline' ? reply : withLine(reply, `sidetrack-route: cart=${at}`))
  const end: readonly Step[] = closes
    ? [{ closed: 'client' }]
    : probe(own === undefined ? undefined : `baggage: sidetrack=${own}`)
  const steps: readonly Step[] = [{ send }, { sees, at }, { reply, at }, { gets }, ...end]
  return own === undefined ? { rfc, name, steps } : { rfc, name, steps, own }
}

/** A response to an ordinary GET, and what the client must get of it. */
export function answers(rfc: string, name: string, reply: string, options: Omit<Passing, 'sees' | 'reply'> = {}): Case {
  return passes(rfc, name, get(), { ...options, reply })
}

/** A response that is not passed on: 502 in its place, and the connection ends. */
export function spoils(rfc: string, name: string, reply: string): Case {
  const refused = { status: 502, code: 'ST1104' }
  return { rfc, name, steps: [{ send: get() }, { sees: get() }, { reply }, { refused }, { closed: 'client' }] }
}

/** A request that is answered by the sidecar and of which not one byte may reach an upstream; the connection ends. */
export function refuses(rfc: string, name: string, send: string, status = 400, headOnly = false): Case {
  const code = status === 431 ? 'ST1002' : status === 505 ? 'ST1003' : 'ST1001'
  return { rfc, name, steps: [{ send }, { refused: { status, code, headOnly } }, { closed: 'client' }] }
}

/** The same for a fault in a body: what comes before it may have been forwarded by then. */
export function breaks(rfc: string, name: string, send: string): Case {
  return { ...refuses(rfc, name, send), begun: send }
}
