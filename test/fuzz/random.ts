// Random choices that a seed decides, so that whatever was found can be found again.

export class Random {
  #state: number

  /** The same parts give the same choices. */
  constructor(...seed: readonly (string | number)[]) {
    let hash = 2_166_136_261
    for (const character of seed.join(':')) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619)
    this.#state = hash >>> 0
  }

  /** From 0 up to 1, without it: mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  /** The usual one mostly, so that the rest of an input still matters; otherwise one of the odd ones. */
  mostly<T>(usual: T, odd: readonly T[], oddity = 0.06): T {
    return this.chance(oddity) ? this.pick(odd) : usual
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  list<T>(most: number, each: (index: number) => T): T[] {
    return Array.from({ length: this.below(most + 1) }, (_, index) => each(index))
  }
}
