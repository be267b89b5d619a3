// How much the sidecar may hold at once: clients' connections, and bytes that wait for a side that does not take them.

export interface CapacityLimits {
  /** Of clients. */
  readonly connections: number
  /** Bytes that wait in all connections together. */
  readonly buffered: number
}

export const DEFAULT_LIMITS: CapacityLimits = { connections: 10_000, buffered: 64 * 1024 * 1024 }

export interface Holder {
  /** What it holds, in bytes of memory as far as they are worth counting. */
  readonly buffered: number
  /** The sidecar holds too much, and this one more than the others: it gives up what it holds, and says why if it still can. */
  shed(): void
}

/** Refusals that explain themselves, at once; what comes on top is closed without a word. */
const MAX_REFUSALS = 256

/** Where shedding ends, and how far from the limit the next look comes, as shares of the limit. */
const RELIEVED = 3 / 4
const NEAR = 1 / 16

/**
 * Connections keep no account of what they hold; they are asked. What they hold together cannot grow by more than what came in, so they need to be
 * asked only after as many bytes as the limit was away the last time: hardly ever.
 */
export class Capacity {
  readonly limits: CapacityLimits
  readonly #holders = new Set<Holder>()
  readonly #shed: (holders: number, bytes: number) => void
  #refusals = 0
  /** Bytes that may still come before it looks again. */
  #room: number

  /** `shed` is told how many connections have given up how many bytes. */
  constructor(limits: CapacityLimits, shed: (holders: number, bytes: number) => void) {
    this.limits = limits
    this.#shed = shed
    this.#room = limits.buffered
  }

  get isFull(): boolean {
    return this.#holders.size >= this.limits.connections
  }

  add(holder: Holder): void {
    this.#holders.add(holder)
  }

  remove(holder: Holder): void {
    this.#holders.delete(holder)
  }

  /** True if one more client may be told that there are too many; `endRefusal` once that is over. */
  startRefusal(): boolean {
    if (this.#refusals === MAX_REFUSALS) return false
    this.#refusals++
    return true
  }

  endRefusal(): void {
    this.#refusals--
  }

  /** So many bytes were made here, or cost more than their number, and may have to wait. */
  grew(bytes: number): void {
    this.#room -= bytes
  }

  /** So many bytes were read. Before anything is done with them: what is asked to give up may be the connection that read them. */
  read(bytes: number): void {
    this.#room -= bytes
    if (this.#room < 0) this.#look()
  }

  #look(): void {
    const { buffered: most } = this.limits
    let held = 0
    for (const { buffered } of this.#holders) held += buffered
    if (held > most) held = this.#relieve(held)
    this.#room = Math.max(most - held, most * NEAR)
  }

  /**
   * Those that hold most go first, by powers of two: who reads what is sent holds hardly anything. Of those that hold alike the youngest, which has
   * the least to lose. Returns what is still held.
   */
  #relieve(held: number): number {
    const byMost = Array.from(this.#holders, (holder) => ({ holder, bytes: holder.buffered })).toReversed()
    byMost.sort((a, b) => Math.clz32(a.bytes) - Math.clz32(b.bytes))
    let left = held
    let count = 0
    for (const { holder, bytes } of byMost) {
      if (left <= this.limits.buffered * RELIEVED) break
      holder.shed()
      left -= bytes
      count++
    }
    this.#shed(count, held - left)
    return left
  }
}
