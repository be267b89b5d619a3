// The form of a case: what each side sends as frames, and what it must see, decoded and stream by stream.

import type { At } from '../../../fixtures/corpus/bed.ts'
import type { Named } from '../../../fixtures/corpus/run.ts'
import { type Fields, GET, OK, POST } from '../../../fixtures/http2/fields.ts'
import type { Frames } from './frames.ts'

/** What can be sent and seen alike. */
export type Part =
  | { readonly id: number; readonly head: Fields; readonly end?: boolean; readonly never?: readonly string[] }
  | { readonly id: number; readonly data: string; readonly end?: boolean }
  | { readonly id: number; readonly reset: number }

export type Sent = Part | Frames

export type Step =
  | { readonly send: readonly Sent[] }
  /** The next that an upstream sees on each of these streams; DATA may come in other frames. */
  | { readonly sees: readonly Part[]; readonly at?: At }
  | { readonly reply: readonly Sent[]; readonly at?: At }
  /** The next that the client gets on each of these streams. */
  | { readonly gets: readonly Part[] }
  /** An answer of the sidecar's own, and RST_STREAM NO_ERROR behind it if the request goes on. */
  | { readonly answered: { readonly id: number; readonly status: string; readonly code: string } }
  /** The client has got this very frame, which belongs to no request: SETTINGS, PING, WINDOW_UPDATE. */
  | { readonly told: Frames; readonly at?: At }
  /** The connection ends with a GOAWAY of this code: the client's, or that of an upstream. */
  | { readonly goaway: number; readonly at?: At }
  | { readonly ends: At }
  | { readonly closed: 'client' }

export interface Case extends Named {
  readonly steps: readonly Step[]
  /** The client's SETTINGS; `none`: the steps begin with the first byte of the connection. */
  readonly settings?: readonly (readonly [id: number, value: number])[] | 'none'
  /** Those of upstreams; `none`: they say nothing by themselves. */
  readonly upstreamSettings?: readonly (readonly [id: number, value: number])[] | 'none'
  /** The routing key of the fork that the client is, if it is one. */
  readonly own?: string
  /** A sidecar of its own, which has heard nothing of its baseline yet or knows that it takes :protocol. */
  readonly sidecar?: 'fresh' | 'knows :protocol'
}

export const CODE = {
  no: 0,
  protocol: 1,
  internal: 2,
  flow: 3,
  closed: 5,
  size: 6,
  refused: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
} as const

export const KEYED: Fields = [...GET, ['baggage', 'sidetrack=pr-42']]
/** What the sidecar adds to what a fork answers. */
export const MARK = ['sidetrack-route', 'cart=pr-42'] as const

export const head = (id: number, fields: Fields, end = false): Part => ({ id, head: fields, end })
export const whole = (id: number, fields: Fields): Part => ({ id, head: fields, end: true })
export const data = (id: number, text: string, end = false): Part => ({ id, data: text, end })
export const last = (id: number, text = ''): Part => ({ id, data: text, end: true })
export const reset = (id: number, code: number): Part => ({ id, reset: code })

/** A GET on stream 1 that has reached the baseline and waits. */
export const asked: readonly Step[] = [{ send: [whole(1, GET)] }, { sees: [whole(1, GET)] }]
/** A POST on stream 1 whose head has. */
export const posting: readonly Step[] = [{ send: [head(1, POST)] }, { sees: [head(1, POST)] }]
/** The baseline answers stream 1. */
export const answered: readonly Step[] = [
  { reply: [head(1, OK), last(1, 'ok')] },
  { gets: [head(1, OK), last(1, 'ok')] },
]

/** A request that must reach the baseline as it is, and be answered. */
export function passes(rfc: string, name: string, fields: Fields, sees: Fields = fields): Case {
  return { rfc, name, steps: [{ send: [whole(1, fields)] }, { sees: [whole(1, sees)] }, ...answered] }
}

/** A request of which nothing may reach an upstream: its stream ends with an error. */
export function malformed(rfc: string, name: string, fields: Fields, end = true): Case {
  return { rfc, name, steps: [{ send: [head(1, fields, end)] }, { gets: [reset(1, CODE.protocol)] }] }
}

/** Frames of a client after which its connection ends. */
export function breaks(
  rfc: string,
  name: string,
  code: number,
  frames: readonly Sent[],
  before: readonly Step[] = [],
): Case {
  return { rfc, name, steps: [...before, { send: frames }, { goaway: code }] }
}

/** Frames of a client that change nothing: requests before and after them pass. */
export function ignores(rfc: string, name: string, frames: readonly Sent[]): Case {
  return { rfc, name, steps: [...asked, { send: frames }, ...answered] }
}

/** A response to GET that reaches the client as it is. */
export function answers(rfc: string, name: string, parts: readonly Part[]): Case {
  return { rfc, name, steps: [...asked, { reply: parts }, { gets: parts }] }
}

const BAD = { answered: { id: 1, status: '502', code: 'ST1104' } } as const

/** A response to GET that is not passed on: a 502 in its place, and the upstream's stream is reset. */
export function spoils(rfc: string, name: string, parts: readonly Sent[], code: number = CODE.protocol): Case {
  return { rfc, name, steps: [...asked, { reply: parts }, BAD, { sees: [reset(1, code)] }] }
}

/** Frames of a baseline after which the connection to it ends; what it has not answered becomes a 502. */
export function severs(rfc: string, name: string, code: number, frames: readonly Sent[]): Case {
  return { rfc, name, steps: [...asked, { reply: frames }, BAD, { goaway: code, at: 'baseline' }] }
}
