// How long sidecars take to confirm a change, for the metrics.

import type { SidecarLink } from './sidecar-link.ts'

/** What a link says before its first confirmation. */
const NOTHING = -1

export class Confirmations {
  readonly #programmed: (seconds: number) => void
  readonly #applied = new WeakMap<SidecarLink, number>()
  #changedAt = 0

  /** `programmed` hears of every confirmation. */
  constructor(programmed: (seconds: number) => void) {
    this.#programmed = programmed
  }

  /** What is to be confirmed has changed, at `at` of performance.now(). */
  changed(at = performance.now()): void {
    this.#changedAt = at
  }

  /** A sidecar may have confirmed something. What it confirms first is a snapshot, which may be of long ago. */
  heard(link: SidecarLink): void {
    const before = this.#applied.get(link)
    if (link.appliedRevision === before || link.appliedRevision === NOTHING) return
    this.#applied.set(link, link.appliedRevision)
    if (before !== undefined && link.upToDate) this.#programmed((performance.now() - this.#changedAt) / 1000)
  }
}
