// What every sidecar is to hold, and the links to those that are there: a change goes out at once to whom it concerns.

import { type Change, type Entry, difference, entryName } from '../core/wire.ts'
import { type HeldEntry, Layer, type Line } from './layer.ts'
import type { SidecarLink } from './sidecar-link.ts'

export type LayerEntries = ReadonlyMap<string, Entry>

/** What a link takes first, in pieces: the entries that hold when each is reached. */
export type Snapshot = IterableIterator<HeldEntry>

/** A sidecar holds the layer of its own name, and the shared ones that it follows. No two of its layers may name the same entry. */
export class Hub {
  readonly #layers = new Map<string, Layer>()
  readonly #followed = new Map<string, readonly string[]>()
  readonly #shared: Set<string>
  /** One link a sidecar; a new one of the same name replaces the old. */
  readonly #links = new Map<string, SidecarLink>()
  #revision = 0

  /** `shared` are layers that no sidecar has alone. */
  constructor(shared: Iterable<string> = []) {
    this.#shared = new Set(shared)
  }

  /** Grows with every change that is in force for somebody. */
  get revision(): number {
    return this.#revision
  }

  /** The sidecars that something is known for. */
  get sidecars(): readonly string[] {
    const own = [...this.#layers].filter(([name, layer]) => layer.size > 0 && !this.#shared.has(name))
    return [...new Set([...own.map(([name]) => name), ...this.#followed.keys()])]
  }

  link(sidecar: string): SidecarLink | undefined {
    return this.#links.get(sidecar)
  }

  /** Everything that the sidecar is to hold. */
  entries(sidecar: string): readonly Entry[] {
    return [...this.#snapshot(sidecar)].map(({ entry }) => entry)
  }

  /** The entries of one layer, by name. */
  layer(name: string): LayerEntries {
    return new Map([...(this.#layers.get(name)?.entries() ?? [])].map(([key, { entry }]) => [key, entry]))
  }

  /** One entry of one layer, by its name. */
  entry(layer: string, name: string): Entry | undefined {
    return this.#layers.get(layer)?.entries().get(name)?.entry
  }

  /** From now on the sidecar holds these layers besides its own. */
  follow(sidecar: string, layers: readonly string[]): void {
    const before = byName(this.entries(sidecar))
    this.#followed.set(sidecar, layers)
    for (const name of layers) this.#shared.add(name)
    const link = this.#links.get(sidecar)
    if (link === undefined) return
    const changes = difference(before, byName(this.entries(sidecar)))
    if (changes.length > 0) link.change(new Layer().apply(changes), ++this.#revision)
  }

  /** The sidecar is gone for good. */
  forget(sidecar: string): void {
    this.#followed.delete(sidecar)
    this.#layers.delete(sidecar)
    this.#links.get(sidecar)?.close()
  }

  /** Puts the whole of `desired` in force; layers that it does not name are to be empty. Returns how many changes that took. */
  replace(desired: ReadonlyMap<string, LayerEntries>): number {
    const changes = new Map<string, readonly Change[]>()
    for (const name of new Set([...this.#layers.keys(), ...desired.keys()]))
      changes.set(name, this.#live(name).changesTo(desired.get(name) ?? new Map()))
    const count = this.change(changes)
    for (const name of this.#layers.keys()) if (!desired.has(name)) this.#layers.delete(name)
    return count
  }

  /** Changes several layers at once, under one revision. Returns how many changes that took. */
  change(changes: ReadonlyMap<string, readonly Change[]>): number {
    let count = 0
    const lines = new Map<string, readonly Line[]>()
    for (const [name, each] of changes) {
      if (each.length === 0) continue
      count += each.length
      lines.set(name, this.#live(name).apply(each))
    }
    if (count === 0) return 0
    this.#revision++
    for (const [sidecar, link] of this.#links) {
      const concerned = this.#layersOf(sidecar).flatMap((name) => lines.get(name) ?? [])
      if (concerned.length > 0) link.change(concerned, this.#revision)
    }
    return count
  }

  /** `create` makes the link from what the sidecar is to hold now. */
  connect(sidecar: string, create: (snapshot: Snapshot, revision: number) => SidecarLink): SidecarLink {
    this.#links.get(sidecar)?.close()
    const link = create(this.#snapshot(sidecar), this.#revision)
    this.#links.set(sidecar, link)
    return link
  }

  disconnect(link: SidecarLink): void {
    if (this.#links.get(link.sidecar) === link) this.#links.delete(link.sidecar)
  }

  *#snapshot(sidecar: string): Generator<HeldEntry> {
    for (const name of this.#layersOf(sidecar)) yield* this.#live(name).entries().values()
  }

  #layersOf(sidecar: string): readonly string[] {
    return [sidecar, ...(this.#followed.get(sidecar) ?? [])]
  }

  /** Stays the same object, so that a snapshot on its way sees later entries. */
  #live(name: string): Layer {
    let layer = this.#layers.get(name)
    if (layer === undefined) this.#layers.set(name, (layer = new Layer()))
    return layer
  }
}

function byName(entries: readonly Entry[]): LayerEntries {
  return new Map(entries.map((entry) => [entryName(entry), entry]))
}
