// The deaths of upstreams that the requests of one client connection order, for as long as others on it can suffer from them.

import { ANSWERS, type RequestPlan, type Variant } from './request-plan.ts'
import type { Outcome } from './tally.ts'

interface Death {
  readonly variant: Variant
  /** The request that ordered it is over: it has happened. */
  happened: boolean
}

/** A request on its way, and the deaths that met it. */
export interface Passage {
  readonly plan: RequestPlan
  readonly met: Set<Death>
  /** Those that had happened when it set out. */
  readonly after: readonly Death[]
  readonly own: Death | undefined
}

/**
 * All upstreams of a soak are one process with one event loop: when a request that set out after a death has its answer, the death's own bytes
 * have been on the wire before it, and nothing that sets out from then on can meet it.
 */
export class Deaths {
  readonly #live = new Set<Death>()
  readonly #under = new Set<Passage>()

  /** A request sets out. */
  begin(plan: RequestPlan): Passage {
    const by = ANSWERS[plan.key]?.by
    const own =
      plan.death === undefined || by === undefined || by === 'refused' ? undefined : { variant: by, happened: false }
    const after = [...this.#live].filter(({ happened }) => happened)
    const passage: Passage = { plan, met: new Set(this.#live), after, own }
    if (own !== undefined) {
      this.#live.add(own)
      passage.met.add(own)
      for (const other of this.#under) other.met.add(own)
    }
    this.#under.add(passage)
    return passage
  }

  /** It is over. True if it may have failed: its own upstream was told to die, or the baseline, whose end ends the client's connection. */
  end(passage: Passage, outcome: Outcome): boolean {
    const { plan, met, after, own } = passage
    this.#under.delete(passage)
    if (own !== undefined) own.happened = true
    if (!('error' in outcome) && outcome.complete && outcome.variant !== undefined)
      for (const death of after) this.#live.delete(death)
    const by = ANSWERS[plan.key]?.by
    return [...met].some(({ variant }) => variant === by || variant === 'baseline')
  }
}
