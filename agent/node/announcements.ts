// What is to be said of the node: how far it is, and who bypasses, each since when.

import type { BypassingPod } from '../../kubernetes/resources/node-report.ts'
import { type Bypass, bypassOf } from './bypass.ts'
import { type Checkpoint, Frontier } from './frontier.ts'
import type { NodePod } from './node-pod.ts'
import type { PodKeeper } from './pod-keeper.ts'
import { type Report, listed } from './report.ts'

export class Announcements {
  readonly #keepers: ReadonlyMap<string, PodKeeper>
  readonly #pods: () => Iterable<NodePod>
  readonly #frontier = new Frontier()
  /** By pod: what was said of it last. */
  #bypassing = new Map<string, BypassingPod>()

  /** `pods` are all of the node, those without a sidecar too. */
  constructor(keepers: ReadonlyMap<string, PodKeeper>, pods: () => Iterable<NodePod>) {
    this.#keepers = keepers
    this.#pods = pods
  }

  /** This was put in force, or is about to be. */
  mark(checkpoint: Checkpoint): void {
    this.#frontier.mark(checkpoint)
  }

  get bypassing(): readonly BypassingPod[] {
    return [...this.#bypassing.values()]
  }

  /** As it is now; undefined while nothing was in force everywhere yet. */
  report(now = new Date()): Report | undefined {
    this.#lookAround(now)
    this.#frontier.advance((checkpoint) => this.#inForce(checkpoint))
    const { reached } = this.#frontier
    if (reached === undefined) return undefined
    const sidecars = [...this.#keepers.values()].filter(({ link }) => link !== undefined).length
    return { routes: reached.routes, tables: reached.tables, sidecars, bypassing: listed(this.bypassing) }
  }

  /** Whoever is said to bypass is not waited for. */
  #inForce(checkpoint: Checkpoint): boolean {
    for (const [name, keeper] of this.#keepers) {
      if (!this.#bypassing.has(name) && keeper.lags(checkpoint)) return false
    }
    return true
  }

  #lookAround(now: Date): void {
    const found = new Map<string, BypassingPod>()
    for (const pod of this.#pods()) {
      const { namespace = '', name } = pod.metadata
      const id = `${namespace}/${name}`
      const bypass = bypassOf(pod, this.#keepers.get(id)?.state)
      if (bypass !== undefined) found.set(id, this.#since(id, { namespace, pod: name }, bypass, now))
    }
    this.#bypassing = found
  }

  #since(id: string, pod: Pick<BypassingPod, 'namespace' | 'pod'>, bypass: Bypass, now: Date): BypassingPod {
    const before = this.#bypassing.get(id)
    const since = before?.reason === bypass.reason ? before.since : now.toISOString()
    return { ...pod, ...bypass, since }
  }
}
