// The dynamic table of one direction of a connection (RFC 7541 §2.3.2), newest entry first; a ring, so that adding moves nothing.

/** What an entry costs besides its bytes, §4.1. */
export const ENTRY_OVERHEAD = 32

export interface TableEntry {
  /** The name's bytes, then the value's. */
  readonly bytes: Buffer
  readonly nameLength: number
}

export class DynamicTable {
  /** What the decoder allowed in its SETTINGS; a size update may not exceed it. */
  readonly limit: number
  #capacity: number
  #size = 0
  #count = 0
  #newest = 0
  #acknowledged = false
  /** Grows to what the limit allows only where entries come: most connections add a handful, or none. */
  #ring: (TableEntry | undefined)[] = []

  /** `limit` in bytes, as §4.1 counts them. */
  constructor(limit: number) {
    this.limit = limit
    this.#capacity = limit
  }

  get size(): number {
    return this.#size
  }

  get length(): number {
    return this.#count
  }

  /** `position` counts from 0, the newest. */
  get(position: number): TableEntry | undefined {
    if (position >= this.#count) return undefined
    return this.#ring[(this.#newest - position + this.#ring.length) % this.#ring.length]
  }

  /** §4.4: makes room first; an entry larger than the whole table empties it and is not an error. */
  add(entry: TableEntry): void {
    const size = entry.bytes.length + ENTRY_OVERHEAD
    this.#evictTo(this.#capacity - size)
    if (size > this.#capacity) return
    if (this.#count === this.#ring.length) this.#grow()
    this.#newest = (this.#newest + 1) % this.#ring.length
    this.#ring[this.#newest] = entry
    this.#count++
    this.#size += size
  }

  /** The encoder has acknowledged that it may have no table. */
  acknowledge(): void {
    this.#acknowledged = true
  }

  /**
   * The encoder has said in a block that its table is gone, as RFC 7541 §4.2 demands. Only then is it believed: some
   * acknowledge and go on using the table that is the default (h2spec does), and worked with the peer behind this one.
   */
  get isGone(): boolean {
    return this.#acknowledged && this.#capacity === 0
  }

  /** §4.3. False if `capacity` is more than was allowed; for one that acknowledged 0, also if no entry would fit in. */
  resize(capacity: number): boolean {
    if (capacity > this.limit || (this.#acknowledged && capacity > 0 && capacity < ENTRY_OVERHEAD)) return false
    this.#capacity = capacity
    this.#evictTo(capacity)
    return true
  }

  #grow(): void {
    const entries = Array.from({ length: this.#count }, (_, position) => this.get(position))
    this.#ring = [...entries.toReversed(), ...Array.from({ length: Math.max(8, this.#count) }, () => undefined)]
    this.#newest = this.#count === 0 ? this.#ring.length - 1 : this.#count - 1
  }

  #evictTo(size: number): void {
    while (this.#count > 0 && this.#size > size) {
      const oldest = (this.#newest - this.#count + 1 + this.#ring.length) % this.#ring.length
      this.#size -= (this.#ring[oldest]?.bytes.length ?? 0) + ENTRY_OVERHEAD
      this.#ring[oldest] = undefined
      this.#count--
    }
  }
}
