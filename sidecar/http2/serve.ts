// The entry: takes over a client's socket that began with the HTTP/2 preface.

import type { Socket } from 'node:net'
import type { Holder } from '../capacity.ts'
import type { Destination } from '../destination.ts'
import type { Http2Context } from './context.ts'
import { Downstream } from './downstream.ts'

export interface Http2Session extends Holder {
  /** Says GOAWAY, lets open streams finish, then closes the socket. Returns at once; the socket's `close` event ends it. */
  drain(): void
  /** Closes the socket and all upstream connections now. */
  destroy(): void
}

/**
 * Routes every stream of `downstream` by its own headers (RFC 9113, prior knowledge). `first` holds the bytes that were
 * read already, the preface or a part of it first; nothing may listen for the socket's `data` any more.
 * The session owns the socket from here on, and never throws: errors end streams or the connection with their codes.
 */
export function serveHttp2(
  downstream: Socket,
  first: Buffer,
  destination: Destination,
  context: Http2Context,
): Http2Session {
  const session = new Downstream(downstream, destination, context)
  session.chunk(first)
  // Whoever read the first bytes may have paused the socket.
  downstream.resume()
  return session
}
