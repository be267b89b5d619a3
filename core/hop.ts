// A hop: one traced request as one sidecar saw it, and how the hops of a trace know each other.

import { BAGGAGE_LIMITS, propertyOf } from './baggage.ts'

/** What the property `trace` of a request's baggage member says: `;trace`, `;trace=ID`, or, behind a sidecar, `;trace=ID.HOP`. */
export interface TraceMark {
  /** Empty: the first sidecar gives one. */
  readonly id: string
  /** The hop that the calling app was reached by; empty if no sidecar has seen the request before. */
  readonly parent: string
  /** The name of the member. */
  readonly member: string
  /** The whole header that it stands in, its lines joined. */
  readonly header: string
}

/** Sidecar to agent, when the answer to a traced request begins, or will not come. */
export interface Hop {
  readonly trace: string
  readonly id: string
  readonly parent: string
  /** The one that was called. */
  readonly service: string
  /** The calls of others to the pod's own workload, not a call of the pod. */
  readonly inbound: boolean
  /** The routing key of the fork that it went to; empty for the baseline, or if it went nowhere. */
  readonly fork: string
  /** Where it was sent: `10.88.1.7:8080`. Empty if it went nowhere. */
  readonly to: string
  readonly protocol: 'HTTP/1' | 'HTTP/2'
  readonly method: string
  /** Without its query, which may hold secrets. */
  readonly path: string
  /** When it came, in milliseconds since 1970, by the clock of the node. */
  readonly at: number
  /** Until its answer began. */
  readonly milliseconds: number
  /** 0: no answer came. */
  readonly status: number
  /** Of the error with which the sidecar answered itself; empty if it did not. */
  readonly code: string
}

export const TRACE_PROPERTY = 'trace'

const ID = /^[0-9A-Za-z_-]{1,64}$/
const LONGEST_TEXT = 512

export function isTraceId(text: string): boolean {
  return ID.test(text)
}

/** Undefined for a request that is not traced. `properties` are those of the member, `header` the text that it was read from. */
export function traceMark(properties: string, member: string, header: string): TraceMark | undefined {
  // Nearly no request has a property at all.
  if (properties === '') return undefined
  const value = propertyOf(properties, TRACE_PROPERTY)
  if (value === undefined) return undefined
  const [id = '', parent = ''] = value.split('.', 2)
  return { id: isTraceId(id) ? id : '', parent: isTraceId(parent) ? parent : '', member, header }
}

/**
 * The header with `;trace=ID.HOP` in the member, so that what the called app sends on behalf of the request says where it comes from.
 * Unchanged where readers that keep to the limits would then see less of it.
 */
export function withHop({ member, header }: TraceMark, id: string, hop: string): string {
  const members = header.split(',')
  const at = members.findLastIndex((each) => nameOf(each) === member)
  const text = members[at]
  if (text === undefined) return header
  // Some propagators take properties for a part of the value, and encode them.
  const [value = '', ...properties] = text.replaceAll(/%3B/gi, ';').replaceAll(/%3D/gi, '=').split(';')
  const kept = properties.filter((property) => property.split('=', 1)[0]?.trim() !== TRACE_PROPERTY)
  members[at] = [value.trim(), ...kept, `${TRACE_PROPERTY}=${id}.${hop}`].join(';')
  const marked = members.join(',')
  return marked.length > BAGGAGE_LIMITS.bytes ? header : marked
}

function nameOf(member: string): string {
  return member.slice(0, Math.max(0, member.indexOf('='))).trim()
}

/** W3C Trace Context §3.2: the trace-id of a `traceparent`, by which other tools know the same request; empty if it has none. */
export function traceIdOf(traceparent: string): string {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent)?.[1] ?? ''
}

/** A path as a hop shows it. */
export function shownPath(target: string): string {
  return (target.split('?', 1)[0] ?? '').slice(0, LONGEST_TEXT)
}

const TEXTS = ['trace', 'id', 'parent', 'service', 'fork', 'to', 'method', 'path', 'code'] as const
const COUNTS = ['at', 'milliseconds', 'status'] as const

/** What somebody sent as a hop, or undefined if it is none. */
export function readHop(value: unknown): Hop | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const [trace, id, parent, service, fork, to, method, path, code] = TEXTS.map((name) => fields.get(name))
  const [at, milliseconds, status] = COUNTS.map((name) => fields.get(name))
  const [inbound, protocol] = [fields.get('inbound'), fields.get('protocol')]
  if (!isText(trace) || !isTraceId(trace) || !isText(id) || !isTraceId(id) || !isText(parent)) return undefined
  if (!isText(service) || !isText(fork) || !isText(to) || !isText(method) || !isText(path) || !isText(code))
    return undefined
  if (!isCount(at) || !isCount(milliseconds) || !isCount(status) || typeof inbound !== 'boolean') return undefined
  if (protocol !== 'HTTP/1' && protocol !== 'HTTP/2') return undefined
  return { trace, id, parent, service, inbound, fork, to, protocol, method, path, at, milliseconds, status, code }
}

function isText(text: unknown): text is string {
  return typeof text === 'string' && text.length <= LONGEST_TEXT
}

function isCount(count: unknown): count is number {
  return typeof count === 'number' && count >= 0
}
