// What every sidecar is to hold, and the links to those that are there: a change goes out at once to whom it concerns.

import { type Change, type Entry, difference, entryName } from '../core/wire.ts'
import type { Hello } from '../core/wire.ts'
import type { SidecarLink } from './sidecar-link.ts'

export type SidecarEntries = ReadonlyMap<string, Entry>

export class Hub {
  readonly #desired = new Map<string, Map<string, Entry>>()
  /** One link a sidecar; a new one of the same name replaces the old. */
  readonly #links = new Map<string, SidecarLink>()
  #revision = 0

  /** Grows with every change that is in force for somebody. */
  get revision(): number {
    return this.#revision
  }

  /** The sidecars that something is known for. */
  get sidecars(): readonly string[] {
    return [...this.#desired].filter(([, entries]) => entries.size > 0).map(([name]) => name)
  }

  link(sidecar: string): SidecarLink | undefined {
    return this.#links.get(sidecar)
  }

  entries(sidecar: string): SidecarEntries {
    return this.#desired.get(sidecar) ?? new Map()
  }

  /** Puts the whole of `desired` in force; sidecars that it does not name are to hold nothing. Returns how many changes that took. */
  replace(desired: ReadonlyMap<string, SidecarEntries>): number {
    const work: { sidecar: string; changes: readonly Change[] }[] = []
    for (const sidecar of new Set([...this.#desired.keys(), ...desired.keys()])) {
      const changes = difference(this.entries(sidecar), desired.get(sidecar) ?? new Map())
      if (changes.length > 0) work.push({ sidecar, changes })
    }
    if (work.length > 0) this.#revision++
    for (const { sidecar, changes } of work) {
      this.#apply(sidecar, changes)
      this.#links.get(sidecar)?.change(changes, this.#revision)
    }
    for (const sidecar of this.#desired.keys()) if (!desired.has(sidecar)) this.#desired.delete(sidecar)
    return work.reduce((sum, { changes }) => sum + changes.length, 0)
  }

  /** `create` makes the link from what the sidecar is to hold now. */
  connect(hello: Hello, create: (entries: SidecarEntries, revision: number) => SidecarLink): SidecarLink {
    this.#links.get(hello.hello)?.close()
    const link = create(this.#live(hello.hello), this.#revision)
    this.#links.set(hello.hello, link)
    return link
  }

  disconnect(link: SidecarLink): void {
    if (this.#links.get(link.hello.hello) === link) this.#links.delete(link.hello.hello)
  }

  /** The map that stays the same object, so that a snapshot on its way sees later entries. */
  #live(sidecar: string): Map<string, Entry> {
    let entries = this.#desired.get(sidecar)
    if (entries === undefined) this.#desired.set(sidecar, (entries = new Map()))
    return entries
  }

  #apply(sidecar: string, changes: readonly Change[]): void {
    const entries = this.#live(sidecar)
    for (const change of changes) {
      if ('put' in change) entries.set(entryName(change.put), change.put)
      else entries.delete(entryName(change.drop))
    }
  }
}
