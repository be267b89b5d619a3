// From a scanned response head to what the client gets of it. No I/O.

import type { ResponseHead } from './response-head.ts'
import { ROUTE_HEADER } from '../refusal.ts'
import { Body } from './body.ts'
import { connectionOptions, isLast } from './connection-options.ts'
import { Edits } from './edits.ts'
import type { Exchange } from './exchange.ts'
import { responseFraming } from './framing.ts'

export type ResponsePlan =
  | { readonly kind: 'invalid'; readonly fault: string }
  /** 100, 103 and their like: the final one is still to come. */
  | { readonly kind: 'interim' }
  /** 101, or 2xx to CONNECT: from here on bytes are copied. */
  | { readonly kind: 'switch'; readonly edits: Edits }
  | { readonly kind: 'final'; readonly body: Body; readonly edits: Edits; readonly last: boolean }

/** Plans the response whose head `head` has just found complete in `bytes`. */
export function planResponse(bytes: Buffer, head: ResponseHead, exchange: Exchange): ResponsePlan {
  const { status, fields, minor } = head
  if (status < 200 && status !== 101) return { kind: 'interim' }
  const edits = new Edits()
  if (exchange.route !== undefined)
    edits.replace(head.fieldsStart, head.fieldsStart, `${ROUTE_HEADER}: ${exchange.route}\r\n`)
  for (let i = 0; i + 1 < fields.gaps.length; i += 2)
    edits.replace(fields.gaps[i] as number, fields.gaps[i + 1] as number, '')
  if (status === 101 || (exchange.method === 'CONNECT' && status < 300)) {
    return exchange.switching
      ? { kind: 'switch', edits }
      : { kind: 'invalid', fault: 'a switch of protocols that nobody asked for' }
  }
  const framing = responseFraming(bytes, fields, status, exchange.method)
  if (framing.kind === 'ambiguous') return { kind: 'invalid', fault: framing.fault }
  const both = fields.count('transfer-encoding') > 0 && fields.count('content-length') > 0
  if (both) {
    // RFC 9112 §6.3: Transfer-Encoding decides, and a proxy takes the other one out; it may have been an attempt to split responses.
    for (const line of fields.linesOf(bytes, 'content-length'))
      edits.replace(fields.lineStart(line), fields.lineEnd(line), '')
  }
  const last =
    both ||
    (minor === 0 && fields.count('transfer-encoding') > 0) ||
    exchange.last ||
    exchange.switching ||
    framing.kind === 'close' ||
    isLast(connectionOptions(bytes, fields), minor)
  return { kind: 'final', body: new Body(framing, true), edits, last }
}
