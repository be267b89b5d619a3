// A client's connection as the data path wants it: accepted without a byte read, and read into the buffer that all sockets share.

import type { ServerOpts, Socket, SocketConstructorOpts } from 'node:net'
import type { DataPlane } from './data-plane.ts'
import { DeferringSocket } from './deferring-socket.ts'
import { HIGH_WATER_MARK } from './flow.ts'

/** For a server of clients; its 'connection' gives sockets for `clientSocket`. */
export const CLIENT_SERVER: ServerOpts = {
  noDelay: true,
  allowHalfOpen: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  pauseOnConnect: true,
  highWaterMark: HIGH_WATER_MARK,
}

/** What Node does not document: of an accepted socket the kernel's end of it, and that a new socket can be made around that. */
interface Accepted extends Socket {
  readonly _handle?: NonNullable<SocketConstructorOpts['handle']> | null
}

/**
 * Takes the place of `accepted`, which is closed and forgotten. Node offers `onread` for sockets that dial but not for those that a server accepts,
 * and reading without it costs 7 % of a request's CPU (ADR 15). Where Node has no such handle the accepted socket itself is used.
 */
export function clientSocket(
  accepted: Socket,
  { readBuffer, deferredWrites }: Pick<DataPlane, 'readBuffer' | 'deferredWrites'>,
): Socket {
  const { _handle: handle }: Accepted = accepted
  if (handle === null || handle === undefined) return accepted.resume()
  Object.assign(accepted, { _handle: null }).destroy()
  return readBuffer.socket((onread) => {
    const options = { handle, onread, allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK }
    return new DeferringSocket(deferredWrites, options)
  })
}
