// One index of a store: what is found under a value. Most values of most indices lead to one object, which needs no set of its own.

export class StoreIndex<T extends object> {
  readonly #values: (object: T) => readonly string[]
  readonly #found = new Map<string, T | Set<T>>()

  /** `values`: under which an object is found. */
  constructor(values: (object: T) => readonly string[]) {
    this.#values = values
  }

  of(value: string): Iterable<T> {
    const found = this.#found.get(value)
    if (found === undefined) return []
    return found instanceof Set ? found : [found]
  }

  add(object: T): void {
    for (const value of this.#values(object)) {
      const found = this.#found.get(value)
      if (found === undefined || found === object) this.#found.set(value, object)
      else if (found instanceof Set) found.add(object)
      else this.#found.set(value, new Set([found, object]))
    }
  }

  delete(object: T): void {
    for (const value of this.#values(object)) {
      const found = this.#found.get(value)
      if (found === object) this.#found.delete(value)
      if (!(found instanceof Set)) continue
      found.delete(object)
      // A set that others may be looking through stays as it is until it is empty.
      if (found.size === 0) this.#found.delete(value)
    }
  }
}
