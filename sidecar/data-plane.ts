// What every connection of the sidecar shares: the carriers of keys, the counters, the log, scanners and buffers.

import type net from 'node:net'
import type { Carrier } from '../core/carrier.ts'
import type { Log } from '../runtime/log.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import type { Destination } from './destination.ts'
import { Dialer } from './dialer.ts'
import { RequestHead } from './http1/request-head.ts'
import { ReadGarbage } from './read-garbage.ts'
import { Throttle } from './throttle.ts'
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
  readonly throttle: Throttle
  readonly dialer: Dialer
  /** HTTP/2, loaded for the first connection that speaks it: its tables would cost every other sidecar 3 MB. */
  http2(): Promise<ServeHttp2>
}

/** Takes over a client's socket; `first` are the bytes that were read from it, the preface first. */
export type ServeHttp2 = (
  socket: net.Socket,
  first: Buffer,
  destination: Destination,
) => Pick<Connection, 'drain' | 'destroy'>

const READ_BUFFER_BYTES = 64 * 1024

/** `intercepts`: calls are redirected here, so that own ones may come back. */
export function createDataPlane(
  carriers: readonly Carrier[],
  counters: Counters,
  log: Log,
  intercepts = false,
): DataPlane {
  const garbage = new ReadGarbage(globalThis.gc)
  const dialer = new Dialer(intercepts)
  let http2: Promise<ServeHttp2> | undefined
  const requestHead = new RequestHead(carriers.map((carrier) => carrier.header))
  return {
    carriers,
    counters,
    log,
    requestHead,
    responseHead: new ResponseHead(),
    readBuffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
    garbage,
    throttle: new Throttle(),
    dialer,
    http2: () => (http2 ??= loadHttp2({ carriers, counters, log, garbage, dialer })),
  }
}

async function loadHttp2(
  shared: Pick<DataPlane, 'carriers' | 'counters' | 'log' | 'garbage' | 'dialer'>,
): Promise<ServeHttp2> {
  const [{ serveHttp2 }, { createHttp2Context }] = await Promise.all([
    import('./http2/serve.ts'),
    import('./http2/context.ts'),
  ])
  const context = createHttp2Context(shared)
  return (socket, first, destination) => serveHttp2(socket, first, destination, context)
}
