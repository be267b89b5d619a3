// The processes of one pod on this node, and the network namespace that they are in.

import { setTimeout as sleep } from 'node:timers/promises'
import { type NetworkNamespace, namespaceOf } from './network-namespace.ts'
import type { NodePod } from './node-pod.ts'
import type { PodProcess, ProcessFinder } from './process-finder.ts'

/** How soon they are looked at again while none is in a namespace of the pod, and for how long that is no fault. */
const SEEK_AGAIN_MS = 30
const SEEK_MS = 5000

export class PodProcesses {
  readonly #finder: ProcessFinder
  readonly #pod: () => NodePod

  constructor(finder: ProcessFinder, pod: () => NodePod) {
    this.#finder = finder
    this.#pod = pod
  }

  async now(): Promise<readonly PodProcess[]> {
    return this.#inOrder(await this.#finder.of(this.#id()))
  }

  /** The namespace that they are in now; undefined if they are in none of their own. */
  async namespace(): Promise<NetworkNamespace | undefined> {
    return ofFirst(await this.now())
  }

  /** The same of a pod that is about to start, when it is there. Throws if its processes stay in the node's namespace. */
  async namespaceToCome(signal: AbortSignal): Promise<NetworkNamespace> {
    let since: number | undefined
    for (;;) {
      // The first that runs in a pod's cgroup is the container runtime, which is about to enter the pod's namespaces.
      const namespace = ofFirst(this.#inOrder(await this.#finder.appearance(() => this.#id(), signal)))
      if (namespace !== undefined) return namespace
      since ??= performance.now()
      if (performance.now() - since > SEEK_MS)
        throw new Error('none of its processes is in a network namespace of its own')
      await sleep(SEEK_AGAIN_MS, undefined, { signal })
    }
  }

  /** The sidecar's own first, then the oldest: a container may run others, in namespaces of their own. */
  #inOrder(processes: readonly PodProcess[]): readonly PodProcess[] {
    const running = this.#pod().sidecar?.running
    const isOwn = ({ container }: PodProcess) => Number(container === running)
    return processes.toSorted((a, b) => isOwn(b) - isOwn(a) || a.pid - b.pid)
  }

  #id(): { readonly uid: string; readonly containers: readonly string[] } {
    const { metadata, containers } = this.#pod()
    return { uid: metadata.uid ?? '', containers }
  }
}

function ofFirst(processes: readonly PodProcess[]): NetworkNamespace | undefined {
  return namespaceOf(processes.map(({ pid }) => pid))
}
