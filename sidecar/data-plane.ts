// What every connection of the sidecar shares: the carriers of keys, the counters, the log, scanners and buffers.

import type net from 'node:net'
import type { Carrier } from '../core/carrier.ts'
import type { Hop } from '../core/hop.ts'
import type { Log } from '../runtime/log.ts'
import { Capacity, type CapacityLimits, DEFAULT_LIMITS } from './capacity.ts'
import type { Connection } from './connection.ts'
import type { Counters } from './counters.ts'
import { DeferredWrites } from './deferred-writes.ts'
import type { Destination } from './destination.ts'
import { Dialer } from './dialer.ts'
import { RequestHead } from './http1/request-head.ts'
import { InFlight } from './in-flight.ts'
import { QuietGarbage } from './quiet-garbage.ts'
import { ReadBuffer } from './read-buffer.ts'
import { ReadGarbage } from './read-garbage.ts'
import { Throttle } from './throttle.ts'
import { Tracer } from './tracer.ts'
import { ResponseHead } from './http1/response-head.ts'

export interface DataPlane {
  readonly carriers: readonly Carrier[]
  readonly counters: Counters
  readonly log: Log
  /** One scanner for all connections: a head is scanned and used within one turn of the event loop. */
  readonly requestHead: RequestHead
  readonly responseHead: ResponseHead
  readonly readBuffer: ReadBuffer
  readonly inFlight: InFlight
  readonly quietGarbage: QuietGarbage
  readonly deferredWrites: DeferredWrites
  readonly capacity: Capacity
  readonly throttle: Throttle
  readonly dialer: Dialer
  readonly tracer: Tracer
  /** So many bytes were read from a client or an upstream. First of all: the connection that read them may be asked to give up what it holds. */
  read(bytes: number): void
  /** HTTP/2, loaded for the first connection that speaks it: its tables would cost every other sidecar 3 MB. */
  http2(): Promise<ServeHttp2>
}

/** Takes over a client's socket; `first` are the bytes that were read from it, the preface first. */
export type ServeHttp2 = (socket: net.Socket, first: Buffer, destination: Destination) => Omit<Connection, 'tick'>

/** `intercepts`: calls are redirected here, so that own ones may come back. `traced` hears of traced requests. */
export function createDataPlane(
  carriers: readonly Carrier[],
  counters: Counters,
  log: Log,
  options: {
    readonly intercepts?: boolean
    readonly limits?: CapacityLimits
    readonly traced?: (hop: Hop) => void
  } = {},
): DataPlane {
  const { intercepts = false, limits = DEFAULT_LIMITS, traced = () => {} } = options
  const inFlight = new InFlight()
  const garbage = new ReadGarbage(globalThis.gc)
  const deferredWrites = new DeferredWrites(inFlight)
  const dialer = new Dialer(intercepts, deferredWrites)
  const throttle = new Throttle()
  const tracer = new Tracer(traced, counters)
  const capacity = new Capacity(limits, (connections, bytes) => {
    counters.event('connections-shed', connections)
    garbage.dropped(bytes)
    if (throttle.allows('shed')) {
      log.warn({ connections, bytes, limit: limits.buffered, code: 'ST1105' }, 'too many bytes wait: dropped the most')
    }
  })
  const read = (bytes: number): void => {
    garbage.read(bytes)
    capacity.read(bytes)
  }
  let http2: Promise<ServeHttp2> | undefined
  const readBuffer = new ReadBuffer()
  const requestHead = new RequestHead(carriers.map((carrier) => carrier.header))
  return {
    carriers,
    counters,
    log,
    requestHead,
    responseHead: new ResponseHead(),
    readBuffer,
    inFlight,
    quietGarbage: new QuietGarbage(globalThis.gc, inFlight),
    deferredWrites,
    capacity,
    throttle,
    dialer,
    tracer,
    read,
    http2: () => (http2 ??= loadHttp2({ carriers, counters, log, capacity, dialer, tracer, readBuffer, read })),
  }
}

async function loadHttp2(
  shared: Pick<DataPlane, 'carriers' | 'counters' | 'log' | 'capacity' | 'dialer' | 'tracer' | 'readBuffer' | 'read'>,
): Promise<ServeHttp2> {
  const [{ serveHttp2 }, { createHttp2Context }] = await Promise.all([
    import('./http2/serve.ts'),
    import('./http2/context.ts'),
  ])
  const context = createHttp2Context(shared)
  return (socket, first, destination) => serveHttp2(socket, first, destination, context)
}
