// The sidecar's listening sockets: one per destination, opened and closed as the agent says.

import net from 'node:net'
import { parseAddress } from '../core/address.ts'
import type { ListenerState } from '../core/wire.ts'
import type { Connection } from './connection.ts'
import type { DataPlane } from './data-plane.ts'
import type { Destination } from './destination.ts'
import { DetectingConnection } from './protocol/detecting-connection.ts'

const BACKLOG = 4096

interface Listener {
  readonly server: net.Server
  readonly connections: Set<Connection>
  destination: Destination
  /** Why it is not listening. */
  fault: string | undefined
  /** Settles with the first attempt to listen, whatever came of it. */
  readonly tried: Promise<void>
}

export class Listeners {
  readonly #plane: DataPlane
  readonly #listeners = new Map<string, Listener>()
  /** Connections of listeners that are gone, until they are done. */
  readonly #leaving = new Set<Connection>()
  readonly #changed: () => void

  /** `changed` is called when a listener's state is no longer what it was. */
  constructor(plane: DataPlane, changed: () => void) {
    this.#plane = plane
    this.#changed = changed
  }

  /** Opens and closes until there is one for each destination; resolves when every new one listens or has a fault. */
  async reconcile(destinations: ReadonlyMap<string, Destination>): Promise<void> {
    for (const [listen, listener] of this.#listeners) if (!destinations.has(listen)) this.#remove(listen, listener)
    for (const [listen, destination] of destinations) {
      const known = this.#listeners.get(listen)
      if (known === undefined) this.#open(destination)
      else known.destination = destination
    }
    await Promise.all([...this.#listeners.values()].map((listener) => listener.tried))
  }

  states(): readonly ListenerState[] {
    return [...this.#listeners.values()].map(({ destination: { listen, service }, fault }) =>
      fault === undefined ? { listen, service } : { listen, service, fault },
    )
  }

  get connections(): number {
    let count = this.#leaving.size
    for (const listener of this.#listeners.values()) count += listener.connections.size
    return count
  }

  /** Once a second: tries taken addresses again, closes idle connections to forks. */
  tick(): void {
    const now = process.uptime()
    for (const listener of this.#listeners.values()) {
      if (listener.fault !== undefined) listenOn(listener.server, listener.destination.listen)
      for (const connection of listener.connections) connection.tick(now)
    }
  }

  /** Takes no more connections, lets requests in progress finish, and resolves when all are gone or after `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    for (const [listen, listener] of this.#listeners) this.#remove(listen, listener)
    const end = process.uptime() + deadlineMs / 1000
    while (this.#leaving.size > 0 && process.uptime() < end) await new Promise((resolve) => setTimeout(resolve, 20))
    for (const connection of this.#leaving) connection.destroy()
  }

  #open(destination: Destination): void {
    const connections = new Set<Connection>()
    const server = net.createServer({
      noDelay: true,
      allowHalfOpen: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    })
    const { promise: tried, resolve: settle } = Promise.withResolvers<void>()
    const listener: Listener = { server, connections, destination, fault: undefined, tried }
    this.#listeners.set(destination.listen, listener)
    server
      .on('connection', (socket) => this.#accept(listener, socket))
      .on('listening', () => {
        if (listener.fault !== undefined) this.#setFault(listener, undefined)
        settle()
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        const fault = error.code === 'EADDRINUSE' ? 'the address is in use' : (error.code ?? error.message)
        if (listener.fault !== fault) this.#setFault(listener, fault)
        settle()
      })
    listenOn(server, destination.listen)
  }

  #accept(listener: Listener, socket: net.Socket): void {
    const connection = new DetectingConnection(socket, listener.destination, this.#plane)
    listener.connections.add(connection)
    this.#plane.counters.connections++
    socket.on('close', () => {
      listener.connections.delete(connection)
      this.#leaving.delete(connection)
    })
  }

  #remove(listen: string, listener: Listener): void {
    this.#listeners.delete(listen)
    listener.server.close()
    for (const connection of listener.connections) {
      this.#leaving.add(connection)
      connection.drain()
    }
  }

  #setFault(listener: Listener, fault: string | undefined): void {
    listener.fault = fault
    const { listen, service } = listener.destination
    if (fault === undefined) this.#plane.log.info({ listen, service }, 'listening again')
    else this.#plane.log.error({ listen, service, fault, code: 'ST2004' }, 'cannot listen')
    this.#changed()
  }
}

function listenOn(server: net.Server, listen: string): void {
  const address = parseAddress(listen)
  if (address !== undefined) server.listen({ host: address.host, port: address.port, backlog: BACKLOG })
}
