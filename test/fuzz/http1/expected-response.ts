// What the sidecar takes an upstream's bytes for: the responses that it would pass on, read at once and without a network.

import { Body } from '../../../sidecar/http1/body.ts'
import type { Exchange } from '../../../sidecar/http1/exchange.ts'
import { responseFraming } from '../../../sidecar/http1/framing.ts'
import { ResponseHead } from '../../../sidecar/http1/response-head.ts'
import { planResponse } from '../../../sidecar/http1/response.ts'
import type { ReadResponse } from '../../fixtures/llhttp-responses.ts'
import type { Asked } from './response-grammar.ts'

export interface ExpectedResponse {
  /** What the client is to see of them, if the upstream says no more and ends where only that ends its body. */
  readonly responses: readonly ReadResponse[]
  /** What the client is to get of the upstream's bytes; of a body whose framing breaks, what it can get at most. */
  readonly forwarded: Buffer
  /** How much of what the upstream sent belongs to its answer. */
  readonly end: number
  readonly outcome:
    /** Another response can follow on the same connection. */
    | 'open'
    /** The client's connection ends behind the last one, which is whole. */
    | 'closes'
    /** The answer is not whole, or only the upstream's end makes it so. */
    | 'unfinished'
    /** An answer of the sidecar's own, and the end. */
    | 'refused'
    /** In mid-body. */
    | 'cut'
    /** Bytes are copied both ways. */
    | 'tunnel'
}

const NO_BODY = { kind: 'length', length: 0 } as const

function exchangeOf(asked: Asked, route: string | undefined): Exchange {
  return {
    method: asked === 'an upgrade' ? 'GET' : asked,
    request: new Body(NO_BODY, false),
    upstream: undefined,
    route,
    accept: '',
    hop: undefined,
    switching: asked === 'CONNECT' || asked === 'an upgrade',
    last: asked === 'CONNECT' || asked === 'an upgrade',
    response: undefined,
    partial: undefined,
    tunnel: false,
    awaited: false,
  }
}

/** `route` is said in the response of a fork. */
export function expectedResponse(asked: Asked, sent: Buffer, route: string | undefined): ExpectedResponse {
  const bytes = Buffer.from(sent) // scanning changes folded lines
  const exchange = exchangeOf(asked, route)
  const head = new ResponseHead()
  const responses: ReadResponse[] = []
  const parts: Buffer[] = []
  let at = 0
  const result = (outcome: ExpectedResponse['outcome'], end: number): ExpectedResponse => ({
    responses,
    forwarded: Buffer.concat(parts),
    end,
    outcome,
  })
  for (;;) {
    const found = head.scan(bytes, at)
    if (found !== 'complete') return result(found === 'refused' ? 'refused' : 'unfinished', bytes.length)
    const plan = planResponse(bytes, head, exchange)
    if (plan.kind === 'invalid') return result('refused', bytes.length)
    const { status, end: bodyStart } = head
    if (plan.kind !== 'final') {
      parts.push(plan.edits.apply(bytes, at, plan.kind === 'switch' ? bytes.length : bodyStart))
      responses.push({ status, body: Buffer.alloc(0), complete: true })
      if (plan.kind === 'switch') return result('tunnel', bytes.length)
      at = bodyStart
      continue
    }
    const { body } = plan
    const end = body.consume(bytes, bodyStart)
    const upTo = end === -1 ? bytes.length : end
    parts.push(plan.edits.apply(bytes, at, upTo))
    const isChunked = responseFraming(bytes, head.fields, status, exchange.method).kind === 'chunked'
    const data = bytes.subarray(bodyStart, upTo)
    responses.push({ status, body: isChunked ? decoded(data) : data, complete: body.done || body.endsWithConnection })
    if (end === -1) return result('cut', upTo)
    if (!body.done) return result('unfinished', upTo)
    return result(plan.last || exchange.last || end < bytes.length ? 'closes' : 'open', end)
  }
}

/** The data of chunks whose framing is known to be sound as far as it goes. */
function decoded(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, at + 16), 16)
    if (line === -1 || Number.isNaN(size) || size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
