// The upstream connections of one downstream connection: one to the baseline, a few to forks, never shared with another client.

import type net from 'node:net'
import type { Address } from '../../core/address.ts'
import type { Route } from '../../core/route.ts'
import { tryOrder } from '../dialer.ts'
import { waiting } from '../flow.ts'
import { Upstream, type UpstreamOwner, type UpstreamPlane } from './upstream.ts'

export const MAX_FORKS = 16
export const FORK_IDLE_SECONDS = 60

/**
 * One that the client's last exchange did not use may have been idle for longer than the client knows of, and its upstream may be about to
 * close it: after this long it is not used again. Shorter than what servers keep idle connections for (gunicorn 2 s, Node and Apache 5 s).
 */
export const SAFE_IDLE_SECONDS = 1.5

export class Upstreams {
  readonly #owner: UpstreamOwner
  readonly #plane: UpstreamPlane
  #baseline: Upstream | undefined
  /** Most recently used first. */
  #forks: Upstream[] = []
  /** Has been idle for as long as the client's connection. Undefined if the sidecar itself has answered since. */
  #last: Upstream | undefined
  /** Seconds since the start, when it was last looked at: once a second. */
  #now = process.uptime()

  constructor(owner: UpstreamOwner, plane: UpstreamPlane) {
    this.#owner = owner
    this.#plane = plane
  }

  /** Uses `socket`, which is connected or connecting to the baseline's address, for the baseline. */
  adoptBaseline(address: Address, socket: net.Socket): void {
    this.#baseline = new Upstream([address], 'baseline', this.#owner, this.#plane, socket)
    this.#last = this.#baseline
  }

  baseline(address: Address): Upstream {
    const known = this.#baseline
    if (known?.open === true && known.isAt(address) && this.#isSafe(known)) return known
    this.#baseline = new Upstream([address], 'baseline', this.#owner, this.#plane)
    known?.socket.destroy()
    return this.#baseline
  }

  /** A connection to one of the route's addresses: one that is open already, else a new one to a random one of those that accept. */
  fork(route: Route): Upstream {
    for (const [index, upstream] of this.#forks.entries()) {
      if (!upstream.open || !route.addresses.some((address) => upstream.isAt(address))) continue
      if (!this.#isSafe(upstream)) {
        upstream.socket.destroy()
        continue
      }
      if (index > 0) {
        this.#forks.splice(index, 1)
        this.#forks.unshift(upstream)
      }
      return upstream
    }
    const upstream = new Upstream(tryOrder(route.addresses, Math.random()), 'fork', this.#owner, this.#plane)
    this.#forks.unshift(upstream)
    for (const surplus of this.#forks.splice(MAX_FORKS)) surplus.socket.destroy()
    return upstream
  }

  /** An exchange is over, with this upstream, or with none if the sidecar itself has answered. */
  used(upstream: Upstream | undefined): void {
    this.#last = upstream
    if (upstream !== undefined) upstream.idleSince = this.#now
  }

  /**
   * It is gone. True if its client would expect that of a connection that is idle now: it was the baseline's, and what the client did last
   * was to talk to the baseline.
   */
  forget(upstream: Upstream): boolean {
    const wasLast = upstream === this.#last
    if (wasLast) this.#last = undefined
    if (upstream === this.#baseline) {
      this.#baseline = undefined
      return wasLast
    }
    this.#forks = this.#forks.filter((each) => each !== upstream)
    return false
  }

  /** Closes fork connections that have been idle too long. `busy` is the one in use, `now` the seconds since the start. */
  tick(busy: Upstream | undefined, now: number): void {
    this.#now = now
    for (const upstream of this.#forks) {
      if (upstream !== busy && now - upstream.idleSince > FORK_IDLE_SECONDS) upstream.socket.destroy()
    }
  }

  /** Bytes that wait for them. */
  get waiting(): number {
    let bytes = 0
    for (const { socket } of this.#all()) bytes += waiting(socket)
    return bytes
  }

  destroy(): void {
    for (const { socket } of this.#all()) socket.destroy()
  }

  /** The client is gone, `broken` if by an error: they see the same, but for `busy`, which has been seen to. */
  leave(busy: Upstream | undefined, broken: boolean): void {
    for (const upstream of this.#all()) {
      if (upstream === busy) continue
      if (broken) upstream.abort()
      else upstream.socket.destroy()
    }
  }

  /** Whether a request may be sent on it without a risk that it would not have without the sidecar: that the upstream closes it just now. */
  #isSafe(upstream: Upstream): boolean {
    if (upstream === this.#last || upstream.idleSince === this.#now) return true // used since the last look, a second ago at most
    return process.uptime() - upstream.idleSince < SAFE_IDLE_SECONDS
  }

  #all(): readonly Upstream[] {
    return this.#baseline === undefined ? this.#forks : [this.#baseline, ...this.#forks]
  }
}
