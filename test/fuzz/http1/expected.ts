// What the sidecar takes bytes for: the requests that it would forward, read at once and without a network.

import { DEFAULT_CARRIERS } from '../../../core/carrier.ts'
import { Counters } from '../../../sidecar/counters.ts'
import { createDataPlane } from '../../../sidecar/data-plane.ts'
import { Destination } from '../../../sidecar/destination.ts'
import { RequestReader } from '../../../sidecar/http1/request-reader.ts'
import type { ReadRequest } from '../../fixtures/llhttp.ts'

export interface Expected {
  readonly requests: readonly ReadRequest[]
  /** What the upstream is to see, all requests one after the other. */
  readonly forwarded: Buffer
  /** Where each whole request ends in them. */
  readonly ends: readonly number[]
  /** Another request could follow on the same connection. */
  readonly open: boolean
  /** Something was refused, or the client's end will come in mid-request. */
  readonly broken: boolean
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const counters = new Counters()
const plane = createDataPlane(DEFAULT_CARRIERS, counters, silent)
const baseline = { host: '127.0.0.1', port: 1 }
const destination = new Destination(
  { listen: '127.0.0.1:1', service: 'cart', baseline, protocol: 'http', tables: [], counts: counters.of('cart') },
  DEFAULT_CARRIERS,
  { live: new Set(), own: undefined },
)

export function expectedOf(input: Buffer): Expected {
  const reader = new RequestReader(destination, plane)
  const requests: ReadRequest[] = []
  const parts: Buffer[] = []
  const ends: number[] = []
  let length = 0
  let plan = reader.read(Buffer.from(input))
  for (; plan?.kind === 'forward'; plan = reader.readHeld()) {
    const { bytes, body, method, last, switching } = plan
    const target = bytes.toString('latin1', 0, bytes.indexOf('\r\n')).split(' ', 2)[1]
    parts.push(bytes)
    length += bytes.length
    if (body.done) ends.push(length)
    requests.push({ method, target, length: bodyLength(bytes), complete: body.done })
    if (!body.done || last || switching)
      return { requests, forwarded: Buffer.concat(parts), ends, open: false, broken: !body.done }
  }
  const broken = plan !== undefined || !reader.empty
  return { requests, forwarded: Buffer.concat(parts), ends, open: !broken, broken }
}

/** Of a whole request whose framing is known to be sound: what is behind its head, without chunk sizes and trailers. */
function bodyLength(bytes: Buffer): number {
  const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 2)
  let at = head.length + 2
  if (!/\r\ntransfer-encoding:/i.test(head)) return bytes.length - at
  let length = 0
  for (;;) {
    const size = Number.parseInt(bytes.toString('latin1', at, at + 16), 16)
    if (Number.isNaN(size) || size === 0) return length
    length += size
    at = bytes.indexOf('\r\n', at) + 2 + size + 2
  }
}
