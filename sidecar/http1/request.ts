// From a scanned head to what is done with the request: forward it changed or unchanged, or refuse it. No I/O.

import type { Decision } from '../../core/decision.ts'
import { placeKey, stampedCarrier } from '../../core/key-place.ts'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { type Refusal, refuseDecision } from '../refusal.ts'
import type { OpenHop, TracedRequest } from '../tracer.ts'
import { Body } from './body.ts'
import { connectionOptions, isLast } from './connection-options.ts'
import { Edits } from './edits.ts'
import { requestFraming } from './framing.ts'
import { offersUpgrade } from './upgrade.ts'

export type Plan =
  /** The connection ends: after such a request nobody can say where the next one starts. */
  | { readonly kind: 'reject'; readonly method: string; readonly refusal: Refusal }
  /** A valid request that goes nowhere, and is answered here. */
  | (Request & { readonly kind: 'answer'; readonly refusal: Refusal })
  | (Request & { readonly kind: 'forward'; readonly decision: Exclude<Decision, { to: 'nowhere' }> })

export interface Request {
  readonly method: string
  /** The Accept field if the sidecar may have to answer itself; empty if there is none. */
  readonly accept: string
  readonly body: Body
  /** After the last byte in `bytes` that belongs to the request. */
  readonly end: number
  /** The head and the part of the body that is here, as the upstream is to see them. */
  readonly bytes: Buffer
  readonly switching: boolean
  readonly last: boolean
  /** Of a traced request. */
  readonly hop: OpenHop | undefined
}

/** Plans the request whose head `plane.requestHead` has just found complete in `bytes`. */
export function planRequest(bytes: Buffer, destination: Destination, plane: DataPlane): Plan {
  const head = plane.requestHead
  const { fields, minor, method } = head
  const framing = requestFraming(bytes, fields, minor)
  if (framing.kind === 'ambiguous') return reject(method, framing.fault)
  const options = connectionOptions(bytes, fields)
  const edits = new Edits()
  const switching = method === 'CONNECT' || offersUpgrade(bytes, fields, options, minor, edits)
  const body = new Body(framing, false)
  if (switching && !body.done) return reject(method, 'both a body and the wish for another protocol')
  const end = body.consume(bytes, head.end)
  if (end === -1) return reject(method, body.fault)
  if (head.target.form !== 'origin') rewriteHost(bytes, plane, head.target.authority, edits)

  const value = (index: number) => fields.value(bytes, plane.carriers[index]?.header ?? '')
  const keys = destination.keys(value)
  const decision = destination.decide(keys)
  const key = destination.keyToAdd(keys)
  if (key !== undefined) addKey(bytes, plane, key, edits)
  const hop =
    keys.trace === undefined ? undefined : beginHop(bytes, plane, { mark: keys.trace, destination, decision }, edits)
  const last = isLast(options, minor)
  // Only needed where the sidecar may have to answer itself: hardly ever for the baseline.
  const accept = decision.to === 'baseline' ? '' : (fields.value(bytes, 'accept') ?? '')
  if (decision.to === 'nowhere') {
    const refusal = refuseDecision(decision, destination)
    return { kind: 'answer', method, accept, body, end, switching, last, hop, bytes: EMPTY, refusal }
  }
  const forwarded = edits.apply(bytes, head.start, end)
  return { kind: 'forward', method, accept, body, end, switching, last, hop, bytes: forwarded, decision }
}

const EMPTY = Buffer.alloc(0)

function reject(method: string, fault: string): Plan {
  return { kind: 'reject', method, refusal: { code: 'ST1001', detail: `The request has ${fault}.` } }
}

/** Begins the report of a traced request, and says in its carrier that what the called app sends on its behalf comes from here. */
function beginHop(
  bytes: Buffer,
  { requestHead, tracer }: DataPlane,
  traced: Pick<TracedRequest, 'mark' | 'destination' | 'decision'>,
  edits: Edits,
): OpenHop | undefined {
  const { fields, method } = requestHead
  const valueOf = (line: number) => bytes.toString('latin1', fields.valueStart(line), fields.valueEnd(line))
  const traceparent = fields.linesOf(bytes, 'traceparent').map(valueOf)[0] ?? ''
  const target = requestHead.targetText(bytes)
  const hop = tracer.begin({ ...traced, protocol: 'HTTP/1', method, target, traceparent })
  if (hop === undefined) return undefined
  const [first, ...others] = fields.linesOf(bytes, 'baggage')
  if (first !== undefined) edits.replace(fields.valueStart(first), fields.valueEnd(first), hop.header)
  for (const line of others) edits.replace(fields.lineStart(line), fields.lineEnd(line), '')
  return hop
}

/** RFC 9112 §3.2.2: the authority of the target takes the place of the Host field's value, where they differ. */
function rewriteHost(bytes: Buffer, plane: DataPlane, authority: string, edits: Edits): void {
  const { fields } = plane.requestHead
  const [line] = fields.linesOf(bytes, 'host')
  if (line === undefined || fields.value(bytes, 'host') === authority) return
  edits.replace(fields.valueStart(line), fields.valueEnd(line), authority)
}

/** Puts the fork's own key where its carrier is. */
function addKey(bytes: Buffer, plane: DataPlane, key: string, edits: Edits): void {
  const { fields, fieldsStart } = plane.requestHead
  const carrier = stampedCarrier(plane.carriers)
  if (carrier === undefined) return
  const lines = fields.linesOf(bytes, carrier.header)
  const values = lines.map((line) => bytes.toString('latin1', fields.valueStart(line), fields.valueEnd(line)))
  const { line, value } = placeKey(carrier, values, key)
  const place = lines[line]
  if (place === undefined) edits.replace(fieldsStart, fieldsStart, `${carrier.header}: ${value}\r\n`)
  else edits.replace(fields.valueStart(place), fields.valueEnd(place), value)
}
