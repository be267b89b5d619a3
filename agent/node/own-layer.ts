// What one pod's sidecar knows alone: the pod's own key, and the calls that arrive for its workload, each address with a port of the sidecar.

import { formatAddress } from '../../core/address.ts'
import { FIRST_INBOUND_PORT, INBOUND_PORTS } from '../../core/interception.ts'
import type { Change, DestinationEntry } from '../../core/wire.ts'
import { type Destination, type Destinations, familyOf } from './destinations.ts'
import type { InboundTarget, Kernel } from './pod-plan.ts'

type Inbound = ReadonlyMap<string, InboundTarget>

export class OwnLayer {
  #targets: Inbound = new Map()
  /** What the sidecar knows, by the pod's address that is called. */
  readonly #entries = new Map<string, { readonly port: number; readonly entry: DestinationEntry }>()

  /** What is to be redirected. The same map for as long as it is the same. */
  get targets(): Inbound {
    return this.#targets
  }

  /**
   * These are wanted from now on. Returns what the sidecar has to be told; it will be told under `revision`. `kernel` has ports already; what
   * finds no free one is left alone.
   */
  replace(wanted: Destinations, revision: number, kernel: Kernel['inbound']): readonly Change[] {
    const changes: Change[] = []
    const targets = new Map<string, InboundTarget>()
    let same = this.#targets.size === wanted.size
    for (const [address, destination] of wanted) {
      const before = this.#entries.get(address)
      const port = before?.port ?? kernel.get(address)?.port ?? this.#freePort(kernel)
      if (port === undefined) continue
      const entry = inboundEntry(destination, port)
      const known = this.#targets.get(address)
      if (known === undefined || JSON.stringify(before?.entry) !== JSON.stringify(entry)) {
        this.#entries.set(address, { port, entry })
        changes.push({ put: entry })
      }
      if (known === undefined) same = false
      targets.set(address, known ?? { to: destination.address, port, revision })
    }
    if (!same || targets.size !== this.#targets.size) this.#targets = targets
    return changes
  }

  /** What no kernel leads to any more. */
  sweep(isRedirected: (address: string) => boolean): readonly Change[] {
    const drops: Change[] = []
    for (const [address, { entry }] of this.#entries) {
      if (this.#targets.has(address) || isRedirected(address)) continue
      this.#entries.delete(address)
      drops.push({ drop: { kind: entry.kind, listen: entry.listen } })
    }
    return drops
  }

  #freePort(kernel: Kernel['inbound']): number | undefined {
    const taken = new Set([...this.#entries.values(), ...kernel.values()].map(({ port }) => port))
    for (let port = FIRST_INBOUND_PORT; port < FIRST_INBOUND_PORT + INBOUND_PORTS; port++) {
      if (!taken.has(port)) return port
    }
    return undefined
  }
}

/** `key`: that of the fork whose pod it is; undefined if it is none's. */
export function ownKeyChange(key: string | undefined): Change {
  return key === undefined ? { drop: { kind: 'own-key' } } : { put: { kind: 'own-key', key } }
}

function inboundEntry({ address, service, protocol, tables }: Destination, port: number): DestinationEntry {
  const listen = formatAddress({ host: familyOf(address.host) === 4 ? '0.0.0.0' : '::', port })
  return { kind: 'destination', listen, inbound: true, service, baseline: formatAddress(address), protocol, tables }
}
