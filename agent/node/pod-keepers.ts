// One keeper for each pod of the node that has a sidecar.

import type { Change } from '../../kubernetes/store.ts'
import { onItsWay } from './bypass.ts'
import type { NodePod } from './node-pod.ts'
import { type KeeperParts, PodKeeper } from './pod-keeper.ts'

export class PodKeepers {
  /** By `namespace/name`. */
  readonly all: ReadonlyMap<string, PodKeeper>
  readonly #all = new Map<string, PodKeeper>()
  readonly #parts: KeeperParts
  readonly #signal: AbortSignal

  constructor(parts: KeeperParts, signal: AbortSignal) {
    this.all = this.#all
    this.#parts = parts
    this.#signal = signal
  }

  /** True if other destinations may be wanted now than before. */
  podChanged({ before, after }: Change<NodePod>): boolean {
    const pod = after ?? before
    if (pod === undefined) return false
    const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
    const keeper = this.#all.get(name)
    const wanted = after?.sidecar !== undefined && !after.ended
    if (keeper !== undefined && after !== undefined && wanted) {
      const moved = keeper.pod.addresses.join() !== after.addresses.join()
      keeper.update(after)
      return after.inbound && moved
    }
    if (keeper !== undefined) {
      this.#all.delete(name)
      keeper.end()
    } else if (after !== undefined && wanted) {
      const created = new PodKeeper(after, this.#parts)
      this.#all.set(name, created)
      void created.keep(this.#signal)
    } else return false
    return pod.inbound || pod.endpoints
  }

  /** Those that are on their way, and what they wait for. */
  unsettled(): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const [name, keeper] of this.#all) {
      const what = onItsWay(keeper.state, this.#parts.removing)
      if (what !== undefined) found.set(name, what)
    }
    return found
  }

  /** Resolves when all kernels have been asked that can be, or after this many milliseconds. */
  async read(limitMs: number): Promise<void> {
    const end = performance.now() + limitMs
    while ([...this.#all.values()].some((keeper) => !keeper.isRead) && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
