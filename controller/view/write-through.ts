// Lets what this program has just written be seen at once, and keeps older news of it from coming after it.

import type { ReflectorHandler, Stored } from '../../kubernetes/reflector.ts'
import type { Store } from '../../kubernetes/store.ts'

export class WriteThrough<T extends Stored, I extends string> implements ReflectorHandler<T> {
  readonly #store: Store<T, I>

  constructor(store: Store<T, I>) {
    this.#store = store
  }

  /** An object as the API server answered a write with it. */
  written(object: T): void {
    const { resourceVersion = '' } = object.metadata
    if (!this.#isOld(object)) this.#store.put(object, resourceVersion)
  }

  /** What was written since the list was made stays: the watch that follows it tells what became of that. */
  replaced(objects: readonly T[], resourceVersion: string): void {
    const newer = new Map<string, T>()
    for (const object of this.#store.values())
      if (isNewer(object.metadata.resourceVersion, resourceVersion)) newer.set(identity(object), object)
    const merged = newer.size === 0 ? objects : objects.filter((object) => !newer.has(identity(object)))
    this.#store.replaced([...merged, ...newer.values()], resourceVersion)
  }

  put(object: T, resourceVersion: string): void {
    if (this.#isOld(object)) this.#store.bookmark(resourceVersion)
    else this.#store.put(object, resourceVersion)
  }

  removed(object: T, resourceVersion: string): void {
    const known = this.#store.get(object.metadata.namespace, object.metadata.name)
    if (known !== undefined && known.metadata.uid !== object.metadata.uid) this.#store.bookmark(resourceVersion)
    else this.#store.removed(object, resourceVersion)
  }

  bookmark(resourceVersion: string): void {
    this.#store.bookmark(resourceVersion)
  }

  #isOld({ metadata }: T): boolean {
    const known = this.#store.get(metadata.namespace, metadata.name)
    return known !== undefined && isNewer(known.metadata.resourceVersion, metadata.resourceVersion)
  }
}

/** KEP-5504: resourceVersions are whole numbers, which may have more digits than a double holds. */
function isNewer(one = '', other = ''): boolean {
  return one.length === other.length ? one > other : one.length > other.length
}

function identity({ metadata }: Stored): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
