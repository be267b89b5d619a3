// Keeps the memory of bulk transfers and of overload down: what was read and forwarded, or dropped, is collected every few megabytes.

/** A collection of the young generation takes 0.3 ms; one in so many bytes read costs a bulk transfer about a tenth of its CPU. */
const COLLECT_EVERY_BYTES = 2 * 1024 * 1024

/** Smaller reads are collected by V8 in time: their JavaScript objects fill the young generation faster than their bytes do memory. */
const BULK_BYTES = 4096

/** A whole collection takes some 20 ms; what was held for long is found by nothing less. */
const COLLECT_EVERY_DROPPED_BYTES = 16 * 1024 * 1024

/**
 * The bytes of a read live outside V8's heap, and V8 lets 64 MiB of those gather before it looks. Node must run with `--expose-gc`;
 * without it nothing happens.
 */
export class ReadGarbage {
  readonly #collect: NodeJS.GCFunction | undefined
  #bytes = 0
  #dropped = 0

  constructor(collect: NodeJS.GCFunction | undefined) {
    this.#collect = collect
  }

  /** Counts a read of so many bytes. */
  read(bytes: number): void {
    if (bytes < BULK_BYTES) return
    this.#bytes += bytes
    if (this.#bytes < COLLECT_EVERY_BYTES) return
    this.#bytes = 0
    this.#collect?.({ type: 'minor', execution: 'sync' })
  }

  /** Counts so many bytes that were held for a while and are no longer wanted. */
  dropped(bytes: number): void {
    this.#dropped += bytes
    if (this.#dropped < COLLECT_EVERY_DROPPED_BYTES) return
    this.#dropped = 0
    this.#collect?.({ type: 'major', execution: 'sync' })
  }
}
