// Entries that one sidecar holds alone or many hold together; each is encoded once, however many sidecars it is sent to.

import { type Change, type Entry, encodeLine, entryName } from '../core/wire.ts'

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

export class HeldEntry {
  readonly entry: Entry
  #line: string | undefined

  constructor(entry: Entry) {
    this.entry = entry
  }

  /** The line that puts it. Kept: all sidecars of a node may want it at once. */
  get line(): string {
    return (this.#line ??= encodeLine({ put: this.entry }))
  }
}
