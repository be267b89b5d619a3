// The destinations that sidecars know and kernels redirect: of Services, and for pods that ask for it of all endpoints. An entry that is no
// longer wanted stays with the sidecars until no kernel leads to it any more.

import type { Change, DestinationEntry } from '../../core/wire.ts'
import { type Destinations, destinationEntry } from './destinations.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { Target } from './pod-plan.ts'

/** `services`: cluster addresses, and the endpoints of headless Services. `endpoints`: those of all others too. */
export type LayerName = 'services' | 'endpoints'

export type Targets = ReadonlyMap<string, Target>

/** Whether the kernel of any pod, or of one that follows the layer, takes calls to an address elsewhere. */
export type IsRedirected = (address: string, layer?: LayerName) => boolean

interface Layer {
  targets: Targets
  /** What the sidecars know, by address. */
  readonly entries: Map<string, DestinationEntry>
}

export class DestinationLayers {
  readonly #addresses: LocalAddresses
  readonly #layers = new Map<LayerName, Layer>()

  constructor(addresses: LocalAddresses) {
    this.#addresses = addresses
  }

  /** What is to be redirected for pods that follow the layer; undefined before it was first put. The same map for as long as it is the same. */
  targets(layer: LayerName): Targets | undefined {
    return this.#layers.get(layer)?.targets
  }

  /**
   * These are wanted from now on. Returns what the sidecars have to be told, by layer; it will be told under `revision`. Throws if local
   * addresses run out, or cannot be written down.
   */
  replace(
    wanted: ReadonlyMap<LayerName, Destinations>,
    revision: number,
    isRedirected: IsRedirected,
  ): ReadonlyMap<LayerName, readonly Change[]> {
    const all = new Set<string>()
    for (const destinations of wanted.values()) for (const address of destinations.keys()) all.add(address)
    const isKnown = (address: string) => [...this.#layers.values()].some(({ entries }) => entries.has(address))
    const numbers = this.#addresses.assign(all, (address) => isKnown(address) || isRedirected(address))
    const changes = new Map<LayerName, readonly Change[]>()
    for (const [name, destinations] of wanted) changes.set(name, this.#put(name, destinations, numbers, revision))
    return changes
  }

  /** What no kernel leads to any more: the sidecars may forget it. */
  sweep(isRedirected: IsRedirected): ReadonlyMap<LayerName, readonly Change[]> {
    const changes = new Map<LayerName, readonly Change[]>()
    for (const [name, { targets, entries }] of this.#layers) {
      if (entries.size === targets.size) continue
      const drops: Change[] = []
      for (const [address, { kind, listen }] of entries) {
        if (targets.has(address) || isRedirected(address, name)) continue
        entries.delete(address)
        drops.push({ drop: { kind, listen } })
      }
      if (drops.length > 0) changes.set(name, drops)
    }
    return changes
  }

  #put(
    name: LayerName,
    destinations: Destinations,
    numbers: ReadonlyMap<string, number>,
    revision: number,
  ): readonly Change[] {
    let layer = this.#layers.get(name)
    if (layer === undefined) this.#layers.set(name, (layer = { targets: new Map(), entries: new Map() }))
    const changes: Change[] = []
    const targets = new Map<string, Target>()
    let same = layer.targets.size === destinations.size
    for (const [address, destination] of destinations) {
      const number = numbers.get(address) ?? 0
      const before = layer.entries.get(address)
      const known = layer.targets.get(address)
      const entry = destinationEntry(destination, number)
      const isNew = before === undefined || known === undefined
      if (isNew || JSON.stringify(before) !== JSON.stringify(entry)) {
        layer.entries.set(address, entry)
        changes.push({ put: entry })
      }
      if (isNew) same = false
      targets.set(address, isNew ? { to: destination.address, number, revision } : known)
    }
    if (!same) layer.targets = targets
    return changes
  }
}
