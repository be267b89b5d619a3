// The sidecar's listening sockets: one per destination, opened and closed as the agent says; one alone for all intercepted ones.

import { type Server, type Socket, createServer } from 'node:net'
import { formatAddress, parseAddress } from '../core/address.ts'
import { INTERCEPT_PORT, isLocalAddress } from '../core/interception.ts'
import type { ListenerState } from '../core/wire.ts'
import { CLIENT_SERVER, clientSocket } from './client-socket.ts'
import type { Connection } from './connection.ts'
import type { DataPlane } from './data-plane.ts'
import type { Destination } from './destination.ts'
import { plainAddress } from './dialer.ts'
import { accept } from './protocol/accept.ts'

const BACKLOG = 4096

/** The name of the listener of all intercepted destinations. Every other one has the name of its destination. */
const INTERCEPTED = '*'

interface Listener {
  readonly listen: string
  readonly server: Server
  readonly connections: Set<Connection>
  /** Why it is not listening. */
  fault: string | undefined
  /** Settles with the first attempt to listen, whatever came of it. */
  readonly tried: Promise<void>
}

export class Listeners {
  readonly #plane: DataPlane
  readonly #destinations: ReadonlyMap<string, Destination>
  readonly #intercepts: boolean
  readonly #listeners = new Map<string, Listener>()
  /** Connections of listeners that are gone, until they are done. */
  readonly #leaving = new Set<Connection>()
  readonly #changed: () => void

  /**
   * `destinations`, by `listen`, is what holds at any time; if `intercepts`, calls to those that are not inbound are redirected to one port.
   * `changed` is called when a listener's state is no longer what it was.
   */
  constructor(
    plane: DataPlane,
    destinations: ReadonlyMap<string, Destination>,
    intercepts: boolean,
    changed: () => void,
  ) {
    this.#plane = plane
    this.#destinations = destinations
    this.#intercepts = intercepts
    this.#changed = changed
  }

  /** Opens and closes until all destinations are listened for; resolves when every new listener listens or has a fault. */
  async reconcile(): Promise<void> {
    const wanted = new Set<string>(this.#intercepts ? [INTERCEPTED] : [])
    for (const [listen, { inbound }] of this.#destinations) if (!this.#intercepts || inbound) wanted.add(listen)
    for (const [listen, listener] of this.#listeners) if (!wanted.has(listen)) this.#remove(listener)
    for (const listen of wanted) if (!this.#listeners.has(listen)) this.#open(listen)
    await Promise.all([...this.#listeners.values()].map((listener) => listener.tried))
  }

  states(): readonly ListenerState[] {
    return [...this.#listeners.values()].map((listener) => {
      const { listen, fault } = listener
      const where = listen === INTERCEPTED ? `[::]:${INTERCEPT_PORT}` : listen
      const service = listen === INTERCEPTED ? INTERCEPTED : (this.#destinations.get(listen)?.service ?? '')
      return fault === undefined ? { listen: where, service } : { listen: where, service, fault }
    })
  }

  /** Whether intercepted calls are taken. */
  get intercepting(): boolean {
    return this.#listeners.get(INTERCEPTED)?.server.listening === true
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
      if (listener.fault !== undefined) this.#listen(listener)
      for (const connection of listener.connections) connection.tick(now)
    }
  }

  /** Takes no more connections, lets requests in progress finish, and resolves when all are gone or after `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    for (const listener of this.#listeners.values()) this.#remove(listener)
    const end = process.uptime() + deadlineMs / 1000
    while (this.#leaving.size > 0 && process.uptime() < end) await new Promise((resolve) => setTimeout(resolve, 20))
    for (const connection of this.#leaving) connection.destroy()
  }

  #open(listen: string): void {
    const server = createServer(CLIENT_SERVER)
    const { promise: tried, resolve: settle } = Promise.withResolvers<void>()
    const listener: Listener = { listen, server, connections: new Set(), fault: undefined, tried }
    this.#listeners.set(listen, listener)
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
    this.#listen(listener)
  }

  #listen({ listen, server }: Listener): void {
    // Without an address Node takes both families, or IPv4 alone where there is no IPv6.
    if (listen === INTERCEPTED) server.listen({ port: INTERCEPT_PORT, backlog: BACKLOG })
    const address = parseAddress(listen)
    if (address === undefined) return
    const ipv6Only = this.#destinations.get(listen)?.inbound === true && address.host === '::'
    server.listen({ host: address.host, port: address.port, backlog: BACKLOG, ipv6Only })
  }

  #accept(listener: Listener, socket: Socket): void {
    const { counters, dialer } = this.#plane
    const called = listener.listen === INTERCEPTED ? plainAddress(socket.localAddress ?? '') : undefined
    const listen = called === undefined ? listener.listen : formatAddress({ host: called, port: INTERCEPT_PORT })
    const destination = this.#destinations.get(listen)
    if (destination === undefined) {
      // It is from elsewhere; or a redirect is there without its entry, which the agent's order of work rules out.
      counters.event(called === undefined || isLocalAddress(called) ? 'unknown-destination' : 'not-redirected')
      socket.resetAndDestroy()
    } else if (dialer.watches) setImmediate(() => this.#serveUnlessOwn(listener, socket, destination))
    else this.#serve(listener, socket, destination)
  }

  /** A call of the sidecar's own to a baseline that comes back would be sent there again, for ever. */
  #serveUnlessOwn(listener: Listener, socket: Socket, destination: Destination): void {
    const { counters, dialer, log, throttle } = this.#plane
    if (!dialer.isOwn(socket, destination.baseline)) {
      this.#serve(listener, socket, destination)
      return
    }
    counters.event('loop')
    if (throttle.allows('loop')) log.error({ service: destination.service, code: 'ST2102' }, 'own call redirected')
    socket.resetAndDestroy()
  }

  #serve(listener: Listener, accepted: Socket, destination: Destination): void {
    const socket = clientSocket(accepted, this.#plane)
    const connection = accept(socket, destination, this.#plane)
    if (connection === undefined) return
    const open = this.#listeners.get(listener.listen) === listener ? listener.connections : this.#leaving
    open.add(connection)
    this.#plane.counters.connections++
    socket.on('close', () => {
      listener.connections.delete(connection)
      this.#leaving.delete(connection)
    })
  }

  #remove(listener: Listener): void {
    this.#listeners.delete(listener.listen)
    listener.server.close()
    for (const connection of listener.connections) {
      this.#leaving.add(connection)
      connection.drain()
    }
  }

  #setFault(listener: Listener, fault: string | undefined): void {
    listener.fault = fault
    const { listen } = listener
    const service = this.#destinations.get(listen)?.service
    if (fault === undefined) this.#plane.log.info({ listen, service }, 'listening again')
    else this.#plane.log.error({ listen, service, fault, code: 'ST2004' }, 'cannot listen')
    this.#changed()
  }
}
