// What every connection of the sidecar shares: the carriers of keys, the counters, the log, scanners and buffers.

import type { Carrier } from '../core/carrier.ts'
import type { Log } from '../runtime/log.ts'
import type { Counters } from './counters.ts'
import { RequestHead } from './http1/request-head.ts'
import { ReadGarbage } from './read-garbage.ts'
import { ResponseHead } from './http1/response-head.ts'

export interface DataPlane {
  readonly carriers: readonly Carrier[]
  readonly counters: Counters
  readonly log: Log
  /** One scanner for all connections: a head is scanned and used within one turn of the event loop. */
  readonly requestHead: RequestHead
  readonly responseHead: ResponseHead
  /** What upstreams send is read into it, one connection at a time. */
  readonly readBuffer: Buffer
  readonly garbage: ReadGarbage
}

const READ_BUFFER_BYTES = 64 * 1024

export function createDataPlane(carriers: readonly Carrier[], counters: Counters, log: Log): DataPlane {
  const requestHead = new RequestHead(carriers.map((carrier) => carrier.header))
  return {
    carriers,
    counters,
    log,
    requestHead,
    responseHead: new ResponseHead(),
    readBuffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
    garbage: new ReadGarbage(globalThis.gc),
  }
}
