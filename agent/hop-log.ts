// Traced requests that passed this agent's sidecars: the latest in memory for the admin server, each as a line of the log for `sidetrack trace`.

import type { Hop } from '../core/hop.ts'
import { HOP_MESSAGE, type HopLine } from '../core/hop-line.ts'
import type { Log } from '../runtime/log.ts'

/** Older ones are in the log. */
const MOST_KEPT = 1000

/** Of all sidecars together: whoever may send requests may ask for traces. */
const MOST_A_SECOND = 100

export class HopLog {
  readonly #log: Log
  readonly #latest: HopLine[] = []
  #second = 0
  #inSecond = 0

  constructor(log: Log) {
    this.#log = log
  }

  get latest(): readonly HopLine[] {
    return this.#latest
  }

  /** `sidecar`: `shop/cart-1`, the pod's name. What is too much is dropped. */
  add(sidecar: string, hop: Hop): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#inSecond = 0
    }
    if (this.#inSecond++ >= MOST_A_SECOND) return
    this.#latest.push({ sidecar, hop })
    if (this.#latest.length > MOST_KEPT) this.#latest.shift()
    this.#log.info({ sidecar, hop }, HOP_MESSAGE)
  }
}
