// The HTTP/2 router on real sockets, with everything countable that an execution may leave behind.

import net from 'node:net'
import type { Address } from '../../../core/address.ts'
import { DEFAULT_CARRIERS } from '../../../core/carrier.ts'
import { RouteTable } from '../../../core/route-table.ts'
import type { Log } from '../../../runtime/log.ts'
import { Counters } from '../../../sidecar/counters.ts'
import { Destination } from '../../../sidecar/destination.ts'
import { createHttp2Context } from '../../../sidecar/http2/context.ts'
import { Downstream } from '../../../sidecar/http2/downstream.ts'
import { listen } from '../../fixtures/http2/listen.ts'

export interface Http2Path {
  readonly port: number
  /** What the router logged as errors since the last look: bugs. */
  takeErrors(): readonly unknown[]
  readonly sockets: () => number
  /** Of connections that are over: there must be none. */
  readonly strayStreams: () => number
  close(): void
}

function quiet(): void {}

function at(port: number): Address {
  return { host: '127.0.0.1', port }
}

/** `baseline` and `fork` are ports; the fork's key is `pr-42`. */
export async function startHttp2Path(baseline: number, fork: number): Promise<Http2Path> {
  const errors: unknown[] = []
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (fields) => errors.push(fields['err'] ?? fields) }
  const counters = new Counters()
  const table = new RouteTable()
  table.set({ key: 'pr-42', addresses: [at(fork)], ready: true, reason: '', unready: 'fail' })
  const destination = new Destination(
    {
      listen: '127.0.0.1:1',
      service: 'shop',
      baseline: at(baseline),
      protocol: 'http',
      tables: [table],
      counts: counters.of('shop'),
    },
    DEFAULT_CARRIERS,
    { live: new Set(), own: undefined },
  )
  const context = createHttp2Context({ carriers: DEFAULT_CARRIERS, counters, log })
  const sessions = new Map<net.Socket, Downstream>()
  let stray = 0
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const session = new Downstream(socket, destination, context)
    sessions.set(socket, session)
    socket.on('close', () => {
      stray += session.streams.size
      sessions.delete(socket)
    })
  })
  const port = await listen(server)
  return {
    port,
    takeErrors: () => errors.splice(0),
    sockets: () => sessions.size,
    strayStreams: () => stray,
    close() {
      server.close()
      for (const session of sessions.values()) session.destroy()
    },
  }
}
