// The upstream sessions of one client connection: one to the baseline and one to each fork address that it has asked for.

import type { Address } from '../../core/address.ts'
import { tryOrder } from '../dialer.ts'
import type { Downstream } from './downstream.ts'
import { literalBlock } from './hpack/literal-writer.ts'
import { ROUTE_HEADER } from '../refusal.ts'
import { Upstream } from './upstream.ts'

export class UpstreamPool {
  readonly #client: Downstream
  /** All that are not closed, draining ones too; a handful, so they are searched. */
  readonly #sessions: Upstream[] = []
  #marks: Map<string, Buffer> | undefined
  #sweeper: NodeJS.Timeout | undefined

  constructor(client: Downstream) {
    this.#client = client
  }

  get sessions(): readonly Upstream[] {
    return this.#sessions
  }

  baseline(address: Address): Upstream {
    return this.#find(address, false) ?? this.#open([address], false)
  }

  /** A session to one of `addresses` that is there already, else a new one to any of them; undefined if there are too many. */
  fork(addresses: readonly Address[]): Upstream | undefined {
    for (const address of addresses) {
      const found = this.#find(address, true)
      if (found !== undefined) return found
    }
    return this.#makeRoom() ? this.#open(tryOrder(addresses, Math.random()), true) : undefined
  }

  /** A fresh session to where `old`, which takes no more streams, leads. */
  successor(old: Upstream): Upstream {
    return this.#find(old.address, old.isFork) ?? this.#open([old.address], old.isFork)
  }

  remove(session: Upstream): void {
    const index = this.#sessions.indexOf(session)
    if (index >= 0) this.#sessions.splice(index, 1)
  }

  destroy(): void {
    clearInterval(this.#sweeper)
    for (const session of this.#sessions.splice(0)) session.destroy()
  }

  /** The field that says which fork answered, as bytes of a header block. */
  mark(service: string, key: string): Buffer {
    const marks = (this.#marks ??= new Map())
    let mark = marks.get(key)
    if (mark === undefined) {
      // Keys come from outside: what is kept for them is bounded.
      if (marks.size >= 64) marks.clear()
      marks.set(key, (mark = literalBlock([[ROUTE_HEADER, `${service}=${key}`]])))
    }
    return mark
  }

  #find(address: Address, isFork: boolean): Upstream | undefined {
    for (const session of this.#sessions) {
      const at = session.address
      if (
        (at === address || (at.port === address.port && at.host === address.host)) &&
        session.isFork === isFork &&
        !session.draining &&
        !session.closed
      ) {
        return session
      }
    }
    return undefined
  }

  #open(order: readonly Address[], isFork: boolean): Upstream {
    const session = new Upstream(this.#client, order, isFork)
    this.#sessions.push(session)
    if (isFork) this.#sweeper ??= setInterval(() => this.#sweep(), this.#client.context.limits.forkIdleMs / 2).unref()
    return session
  }

  #makeRoom(): boolean {
    const { forkSessions } = this.#client.context.limits
    const forks = this.#sessions.filter(({ isFork }) => isFork)
    if (forks.length < forkSessions) return true
    const idle = forks
      .filter(({ requests }) => requests.isIdle)
      .toSorted((a, b) => a.requests.idleSince - b.requests.idleSince)[0]
    idle?.retire()
    return idle !== undefined
  }

  #sweep(): void {
    const before = Date.now() - this.#client.context.limits.forkIdleMs
    for (const session of this.#sessions.filter(
      (each) => each.isFork && each.requests.isIdle && each.requests.idleSince <= before,
    )) {
      session.retire()
    }
    this.#client.outlets.flush()
  }
}
