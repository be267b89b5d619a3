// One connection to a baseline or a fork, owned by one downstream connection.

import type net from 'node:net'
import type { Address } from '../../core/address.ts'
import type { DataPlane } from '../data-plane.ts'
import { HIGH_WATER_MARK } from '../flow.ts'

/** A fork that does not accept within this time is unreachable; a baseline gets the kernel's own time, as without Sidetrack. */
export const CONNECT_TIMEOUT_MS = 5000

export type UpstreamPlane = Pick<DataPlane, 'readBuffer' | 'dialer'>

export interface UpstreamOwner {
  upstreamData(upstream: Upstream, chunk: Buffer): void
  /** It has sent its last byte. */
  upstreamEnd(upstream: Upstream): void
  /** It is gone; called once, after upstreamEnd if that came. */
  upstreamClosed(upstream: Upstream): void
  upstreamDrained(upstream: Upstream): void
}

export class Upstream {
  /** Where it leads, or tries to. */
  address: Address
  readonly kind: 'baseline' | 'fork'
  readonly socket: net.Socket
  connected = false
  /** What went wrong with the connection, if anything did. */
  error: NodeJS.ErrnoException | undefined
  /** When its last exchange ended or up to a second earlier, in seconds since the start (performance.now() would cost 0.5 MB); only meaningful while idle. */
  idleSince = 0

  /**
   * Leads to the first address of `order` that accepts. `open` is a connection to the only address that exists already, if one does.
   */
  constructor(
    order: readonly Address[],
    kind: 'baseline' | 'fork',
    owner: UpstreamOwner,
    { readBuffer, dialer }: UpstreamPlane,
    open?: net.Socket,
  ) {
    this.address = order[0]!
    this.kind = kind
    const onread = readBuffer.onread(
      (bytes) => owner.upstreamData(this, bytes),
      () => this.socket,
    )
    const options = { allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK, onread }
    this.socket = open ?? dialer.dialFirst(order, options, (address) => (this.address = address))
    if (open !== undefined) {
      this.connected = !open.connecting
      open.on('data', (chunk: Buffer) => owner.upstreamData(this, chunk)).resume()
    }
    const timer = kind === 'fork' ? setTimeout(() => this.#timedOut(), CONNECT_TIMEOUT_MS) : undefined
    this.socket
      .on('connect', () => {
        this.connected = true
        clearTimeout(timer)
      })
      .on('end', () => owner.upstreamEnd(this))
      .on('drain', () => owner.upstreamDrained(this))
      .on('error', (error: NodeJS.ErrnoException) => (this.error = error))
      .on('close', () => {
        clearTimeout(timer)
        owner.upstreamClosed(this)
      })
  }

  isAt(address: Address): boolean {
    return this.address === address || (this.address.port === address.port && this.address.host === address.host)
  }

  /** Usable for one more request: not closed, not closing, its peer has not said goodbye. */
  get open(): boolean {
    return this.socket.writable && this.socket.readable
  }

  /** Ends it while a request is on it: the upstream learns at once that nobody waits for the answer. */
  abort(): void {
    if (this.connected) this.socket.resetAndDestroy()
    else this.socket.destroy()
  }

  #timedOut(): void {
    this.socket.destroy(
      Object.assign(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`), { code: 'ETIMEDOUT' }),
    )
  }
}
