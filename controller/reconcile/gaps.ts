// Says again who is left out of what is in force: that is one write for each sandbox, so not for every flicker.

import type { InForce } from '../programmed/in-force.ts'

const DELAY_MS = 15_000

export class Gaps {
  readonly #inForce: InForce
  readonly #changed: () => void
  #said: string | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(inForce: InForce, changed: () => void) {
    this.#inForce = inForce
    this.#changed = changed
  }

  /** Nodes, agents or their reports may be different. */
  look(): void {
    this.#said ??= this.#inForce.gaps()
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const now = this.#inForce.gaps()
      if (now === this.#said) return
      this.#said = now
      this.#changed()
    }, DELAY_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
