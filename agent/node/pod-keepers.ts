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
    if (keeper !== undefined && after !== undefined && wanted) return this.#update(name, keeper, after)
    if (keeper !== undefined) {
      this.#all.delete(name)
      void keeper.end()
    } else if (after !== undefined && wanted) this.#begin(name, after)
    else return false
    return pod.inbound || pod.endpoints
  }

  /** What it asks for holds as soon as it is said: a pod's annotations can be changed while it runs. */
  #update(name: string, keeper: PodKeeper, after: NodePod): boolean {
    const before = keeper.pod
    const asked = JSON.stringify(wishesOf(before)) !== JSON.stringify(wishesOf(after))
    if (asked) this.#parts.log.info({ pod: name, ...wishesOf(after) }, 'the annotations of a running pod have changed')
    if (before.endpoints === after.endpoints) keeper.update(after)
    else {
      // Another set of redirects, of which the sidecar has to know first: as with a new agent, it comes again, and they stay until then.
      this.#begin(name, after, keeper.end())
      return true
    }
    return before.inbound !== after.inbound || (after.inbound && before.addresses.join() !== after.addresses.join())
  }

  /** `before`: until what was begun for the same pod is done. */
  #begin(name: string, pod: NodePod, before = Promise.resolve()): void {
    const keeper = new PodKeeper(pod, this.#parts)
    this.#all.set(name, keeper)
    keeper.keep(this.#signal, before)
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

function wishesOf({ inbound, endpoints, ownKey }: NodePod): Readonly<Record<string, unknown>> {
  return { inbound, endpoints, ownKey }
}
