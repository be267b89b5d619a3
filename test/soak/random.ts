// Random choices that a seed repeats.

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** At least 0, less than 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  pick<T>(all: readonly T[]): T {
    const found = all[Math.floor(this.next() * all.length)]
    if (found === undefined) throw new TypeError('nothing to choose from')
    return found
  }

  /** Each of them once, in an order of its own. */
  shuffled<T>(all: readonly T[]): readonly T[] {
    return all
      .map((each) => ({ each, rank: this.next() }))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ each }) => each)
  }
}
