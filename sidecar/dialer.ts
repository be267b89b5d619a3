// Opens connections to baselines and forks, and recognises those that were led back to the sidecar itself.

import { type Socket, type SocketConstructorOpts, isIPv6 } from 'node:net'
import type { Address } from '../core/address.ts'
import type { DeferredWrites } from './deferred-writes.ts'
import { DeferringSocket } from './deferring-socket.ts'

/** One of several pods of a fork that does not accept within this time is passed over for the next one. */
const ATTEMPT_MS = 500

/** More of a fork's pods than this are not tried for one connection. */
const MOST_ATTEMPTS = 4

export type DialOptions = Pick<SocketConstructorOpts, 'onread' | 'allowHalfOpen'> & {
  readonly highWaterMark?: number
}

export class Dialer {
  /** Both ends of every open connection of the sidecar's own, where calls may be redirected. */
  readonly #own: Set<string> | undefined
  readonly #writes: DeferredWrites

  constructor(intercepts: boolean, writes: DeferredWrites) {
    this.#writes = writes
    this.#own = intercepts ? new Set() : undefined
  }

  dial(address: Address, options: DialOptions): Socket {
    const socket = this.#socket(options)
    socket.dial({ host: address.host, port: address.port })
    if (this.#own !== undefined) watch(socket, () => address, this.#own)
    return socket
  }

  /**
   * Dials the first address of `order` that accepts. Nothing is sent to the others, since what is written waits for the connection.
   * `attempt` is called with the address before each attempt.
   */
  dialFirst(order: readonly Address[], options: DialOptions, attempt: (address: Address) => void): Socket {
    const [first] = order
    if (first === undefined) throw new TypeError('no address to dial')
    attempt(first)
    if (order.length === 1) return this.dial(first, options)
    let current = first
    const socket = this.#socket(options)
    socket.dial({
      // Node tries what a name resolves to, one address after the other, on one and the same socket.
      host: 'fork',
      port: first.port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      lookup: (_name, _options, resolved) =>
        resolved(
          null,
          order.map(({ host }) => ({ address: host, family: isIPv6(host) ? 6 : 4 })),
        ),
    })
    socket.on('connectionAttempt', (host: string) => {
      current = order.find((each) => each.host === host) ?? current
      attempt(current)
    })
    if (this.#own !== undefined) watch(socket, () => current, this.#own)
    return socket
  }

  #socket(options: DialOptions): DeferringSocket {
    const withoutDelay = { ...options, noDelay: true }
    return new DeferringSocket(this.#writes, withoutDelay)
  }

  /** True if the client of a call to `called` is the sidecar. Known one turn of the event loop after the call was accepted. */
  isOwn(client: Socket, called: Address): boolean {
    return this.#own?.has(ends(client.remoteAddress ?? '', client.remotePort ?? 0, called)) === true
  }

  /** Whether calls may come back at all. */
  get watches(): boolean {
    return this.#own !== undefined
  }
}

/** In which order to try a fork's addresses: from a random one on, those of its port. `random` is at least 0 and less than 1. */
export function tryOrder(addresses: readonly Address[], random: number): readonly Address[] {
  if (addresses.length === 1) return addresses
  const start = Math.floor(random * addresses.length)
  const turned = [...addresses.slice(start), ...addresses.slice(0, start)]
  return turned.filter(({ port }) => port === turned[0]?.port).slice(0, MOST_ATTEMPTS)
}

function watch(socket: Socket, dialled: () => Address, own: Set<string>): void {
  socket.once('connect', () => {
    const key = ends(socket.localAddress ?? '', socket.localPort ?? 0, dialled())
    own.add(key)
    socket.once('close', () => own.delete(key))
  })
}

/** No two connections of one network namespace have the same; a redirected one keeps its source. */
function ends(host: string, port: number, called: Address): string {
  return `${plainAddress(host)} ${port} ${called.host} ${called.port}`
}

/** An IPv4 address that a dual-stack socket shows as `::ffff:10.0.0.7`, without its prefix. */
export function plainAddress(host: string): string {
  return host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host
}
