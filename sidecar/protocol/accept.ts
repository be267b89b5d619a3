// Takes a client's new connection, or refuses it where the sidecar has as many as it may.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { DetectingConnection } from './detecting-connection.ts'
import { RefusedConnection } from './refused-connection.ts'

/** The connection; undefined if it has been closed already. */
export function accept(socket: net.Socket, destination: Destination, plane: DataPlane): Connection | undefined {
  const { capacity } = plane
  if (capacity.isFull) return refuse(socket, destination, plane)
  const connection = new DetectingConnection(socket, destination, plane)
  capacity.add(connection)
  socket.on('close', () => capacity.remove(connection))
  return connection
}

function refuse(socket: net.Socket, destination: Destination, plane: DataPlane): Connection | undefined {
  const { capacity, counters, log, throttle } = plane
  counters.event('connections-refused')
  if (throttle.allows('connections-refused')) {
    const fields = { service: destination.service, limit: capacity.limits.connections, code: 'ST1105' }
    log.warn(fields, 'too many connections: a client is refused')
  }
  if (destination.serverSpeaksFirst || !capacity.startRefusal()) {
    socket.on('error', () => {}).resetAndDestroy()
    return undefined
  }
  socket.on('close', () => capacity.endRefusal())
  return new RefusedConnection(socket, destination, plane)
}
