// Ends a client's connection so that the last answer arrives.

import type net from 'node:net'

/** After the last answer the client's bytes are thrown away this long, so that a reset does not overtake the answer. */
export const LINGER_MS = 2000

/** The client gets everything that was written to it first. */
export function linger(socket: net.Socket): void {
  socket.end(() => {
    if (socket.destroyed) return
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(timer))
  })
  socket.resume()
}
