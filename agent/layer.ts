// Entries that one sidecar holds alone or many hold together; each is encoded once, however many sidecars it is sent to.

import { type Change, type Entry, encodeLine, entryName, nameOf } from '../core/wire.ts'

/** A change as it goes to every sidecar that it concerns. */
export interface Line {
  /** Of the entry, as `entryName` tells it. */
  readonly name: string
  readonly text: string
}

export class Layer {
  readonly #held = new Map<string, HeldEntry>()

  get size(): number {
    return this.#held.size
  }

  /** By entry name. A live view: an iteration that is under way sees later entries. */
  entries(): ReadonlyMap<string, HeldEntry> {
    return this.#held
  }

  /** What turns it into `desired`, by entry name: drops first, so that an address that changes hands is free before it is taken. */
  changesTo(desired: ReadonlyMap<string, Entry>): readonly Change[] {
    const changes: Change[] = []
    for (const [name, held] of this.#held) if (!desired.has(name)) changes.push({ drop: nameOf(held.entry) })
    for (const [name, entry] of desired) {
      const held = this.#held.get(name)
      if (held === undefined || held.line !== encodeLine({ put: entry })) changes.push({ put: entry })
    }
    return changes
  }

  /** Puts changes in force. Returns their lines, in the same order. */
  apply(changes: readonly Change[]): readonly Line[] {
    return changes.map((change) => {
      if ('put' in change) {
        const held = new HeldEntry(change.put)
        const name = entryName(change.put)
        this.#held.set(name, held)
        return { name, text: held.line }
      }
      const name = entryName(change.drop)
      this.#held.delete(name)
      return { name, text: encodeLine(change) }
    })
  }
}

/** Many sidecars of a node may want its line at once, and hardly anybody the entry: of both only one is kept. */
export class HeldEntry {
  #held: Entry | string

  constructor(entry: Entry) {
    this.#held = entry
  }

  get entry(): Entry {
    if (typeof this.#held !== 'string') return this.#held
    const message: { readonly put: Entry } = JSON.parse(this.#held)
    return message.put
  }

  /** The line that puts it. */
  get line(): string {
    if (typeof this.#held !== 'string') this.#held = encodeLine({ put: this.#held })
    return this.#held
  }
}
