// From a scanned response head to what the client gets of it. No I/O.

import type { FieldScanner, KnownField } from './fields.ts'
import type { ResponseHead } from './response-head.ts'
import { ROUTE_HEADER } from '../refusal.ts'
import { Body } from './body.ts'
import { connectionOptions, isLast } from './connection-options.ts'
import { Edits } from './edits.ts'
import type { Exchange } from './exchange.ts'
import { responseFraming } from './framing.ts'
import { SPACE, TAB } from './octets.ts'

export type ResponsePlan =
  | { readonly kind: 'invalid'; readonly fault: string }
  /** 100, 103 and their like: the final one is still to come. */
  | { readonly kind: 'interim'; readonly edits: Edits }
  /** 101, or 2xx to CONNECT: from here on bytes are copied. */
  | { readonly kind: 'switch'; readonly edits: Edits }
  | { readonly kind: 'final'; readonly body: Body; readonly edits: Edits; readonly last: boolean }

/** Plans the response whose head `head` has just found complete in `bytes`. */
export function planResponse(bytes: Buffer, head: ResponseHead, exchange: Exchange): ResponsePlan {
  const { status, fields, minor } = head
  const interim = status < 200 && status !== 101
  const edits = new Edits()
  if (exchange.route !== undefined && !interim)
    edits.replace(head.fieldsStart, head.fieldsStart, `${ROUTE_HEADER}: ${exchange.route}\r\n`)
  for (let i = 0; i + 1 < fields.gaps.length; i += 2)
    edits.replace(fields.gaps[i] as number, fields.gaps[i + 1] as number, '')
  if (interim) {
    // Without a body by RFC 9112 §6.3, and not allowed to say that it has one; but there are clients that would believe it.
    takeOut('content-length', bytes, fields, edits)
    takeOut('transfer-encoding', bytes, fields, edits)
    return { kind: 'interim', edits }
  }
  if (status === 101 || (exchange.method === 'CONNECT' && status < 300)) {
    return exchange.switching
      ? { kind: 'switch', edits }
      : { kind: 'invalid', fault: 'a switch of protocols that nobody asked for' }
  }
  const framing = responseFraming(bytes, fields, status, exchange.method)
  if (framing.kind === 'ambiguous') return { kind: 'invalid', fault: framing.fault }
  const coded = fields.count('transfer-encoding') > 0
  const both = coded && fields.count('content-length') > 0
  // RFC 9112 §6.3: Transfer-Encoding decides, and a proxy takes the other one out; it may have been an attempt to split responses.
  if (both) takeOut('content-length', bytes, fields, edits)
  if (coded) trim(fields.lastLineOf('transfer-encoding'), bytes, fields, edits)
  const last =
    both ||
    (minor === 0 && coded) ||
    exchange.last ||
    exchange.switching ||
    framing.kind === 'close' ||
    isLast(connectionOptions(bytes, fields), minor)
  return { kind: 'final', body: new Body(framing, true), edits, last }
}

/** Every line of the field. */
function takeOut(field: KnownField, bytes: Buffer, fields: FieldScanner, edits: Edits): void {
  if (fields.count(field) === 0) return
  for (const line of fields.linesOf(bytes, field)) edits.replace(fields.lineStart(line), fields.lineEnd(line), '')
}

/** Takes out white space behind the line's value: behind a tab, which RFC 9110 §5.5 allows there, llhttp does not know `chunked`. */
function trim(line: number, bytes: Buffer, fields: FieldScanner, edits: Edits): void {
  const end = fields.valueEnd(line)
  if (bytes[end] === SPACE || bytes[end] === TAB) edits.replace(end, fields.lineEnd(line), '\r\n')
}
