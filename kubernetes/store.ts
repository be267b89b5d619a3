// The objects of one resource as a reflector tells of them, found by name or by index; says what changed, each change once.

import type { ReflectorHandler, Stored } from './reflector.ts'
import { StoreIndex } from './store-index.ts'

/** At least one of the two. Different objects of the same name never meet in one change. */
export interface Change<T> {
  readonly before: T | undefined
  readonly after: T | undefined
}

export interface StoreListener<T> {
  changed?(change: Change<T>): void
  /** Everything up to this resourceVersion has been said. */
  reached?(resourceVersion: string): void
}

/** The values under which an object is found. */
export type Index<T> = (object: T) => readonly string[]

export class Store<T extends Stored, I extends string = never> implements ReflectorHandler<T> {
  /** By namespace, then by name. Objects of the cluster are under the empty namespace. */
  readonly #objects = new Map<string, Map<string, T>>()
  readonly #indices: readonly (readonly [name: I, index: StoreIndex<T>])[]
  readonly #listener: StoreListener<T>
  readonly #synced = Promise.withResolvers<void>()
  #resourceVersion: string | undefined
  #size = 0

  constructor(indices: Readonly<Record<I, Index<T>>>, listener: StoreListener<T> = {}) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.entries forgets the names
    const entries = Object.entries(indices) as [I, Index<T>][]
    this.#indices = entries.map(([name, index]) => [name, new StoreIndex(index)] as const)
    this.#listener = listener
  }

  /** Resolves once the first list is in. */
  get synced(): Promise<void> {
    return this.#synced.promise
  }

  /** The state that it holds; undefined before the first list. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion
  }

  get size(): number {
    return this.#size
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(namespace ?? '')?.get(name)
  }

  /** Of one namespace, or all. */
  *values(namespace?: string): IterableIterator<T> {
    if (namespace !== undefined) yield* this.#objects.get(namespace)?.values() ?? []
    else for (const objects of this.#objects.values()) yield* objects.values()
  }

  /** What `index` finds under `value`. */
  by(index: I, value: string): Iterable<T> {
    return this.#indices.find(([name]) => name === index)?.[1].of(value) ?? []
  }

  replaced(objects: readonly T[], resourceVersion: string): void {
    const changes = this.#difference(objects)
    for (const change of changes) this.#make(change)
    this.#reached(resourceVersion)
    this.#synced.resolve()
  }

  put(object: T, resourceVersion: string): void {
    const before = this.get(object.metadata.namespace, object.metadata.name)
    if (before === undefined) this.#make({ before, after: object })
    else if (before.metadata.uid !== object.metadata.uid) {
      this.#make({ before, after: undefined })
      this.#make({ before: undefined, after: object })
    } else if (before.metadata.resourceVersion !== object.metadata.resourceVersion)
      this.#make({ before, after: object })
    this.#reached(resourceVersion)
  }

  removed(object: T, resourceVersion: string): void {
    const before = this.get(object.metadata.namespace, object.metadata.name)
    if (before !== undefined) this.#make({ before, after: undefined })
    this.#reached(resourceVersion)
  }

  bookmark(resourceVersion: string): void {
    this.#reached(resourceVersion)
  }

  /** Removals first, then what is new or different, in the order in which it was written. */
  #difference(objects: readonly T[]): readonly Change<T>[] {
    const kept = new Set<T>()
    const puts: Change<T>[] = []
    for (const after of objects) {
      const before = this.get(after.metadata.namespace, after.metadata.name)
      const same = before !== undefined && before.metadata.uid === after.metadata.uid
      if (same) kept.add(before)
      if (!same) puts.push({ before: undefined, after })
      else if (before.metadata.resourceVersion !== after.metadata.resourceVersion) puts.push({ before, after })
    }
    const removals: Change<T>[] = []
    for (const before of this.values()) if (!kept.has(before)) removals.push({ before, after: undefined })
    puts.sort((one, other) => written(one) - written(other))
    return [...removals, ...puts]
  }

  #make(change: Change<T>): void {
    const { before, after } = change
    for (const [, index] of this.#indices) {
      if (before !== undefined) index.delete(before)
      if (after !== undefined) index.add(after)
    }
    if (after === undefined) this.#forget(before)
    else this.#keep(after, before === undefined)
    this.#listener.changed?.(change)
  }

  #keep(object: T, isNew: boolean): void {
    const { namespace = '', name } = object.metadata
    let objects = this.#objects.get(namespace)
    if (objects === undefined) this.#objects.set(namespace, (objects = new Map()))
    objects.set(name, object)
    if (isNew) this.#size++
  }

  #forget(object: T | undefined): void {
    if (object === undefined) return
    const { namespace = '', name } = object.metadata
    const objects = this.#objects.get(namespace)
    if (objects?.delete(name) === true) this.#size--
    if (objects?.size === 0) this.#objects.delete(namespace)
  }

  #reached(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion
    this.#listener.reached?.(resourceVersion)
  }
}

function written<T extends Stored>({ after }: Change<T>): number {
  return Number(after?.metadata.resourceVersion ?? 0)
}
