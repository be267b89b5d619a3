// When traffic moved: from the answers of a run and the moments of its edits to how long each edit took to be in force.

import type { Sent } from './load/open-loop.ts'

export interface Edit {
  /** Milliseconds of CLOCK_MONOTONIC, just before the rename. */
  readonly at: number
  /** The variant that answers from then on. */
  readonly variant: string
}

/** Milliseconds from the rename. */
export interface Switchover {
  /** To the first answer of the new variant. NaN: it never answered before the next edit. */
  readonly firstNew: number
  /** To the last answer of the old variant; 0 if there was none after the rename. */
  readonly lastOld: number
}

/** One for each edit; an edit's time ends with the next one. Requests that were lost do not count here. */
export function switchovers(requests: readonly Sent[], edits: readonly Edit[]): readonly Switchover[] {
  const answered = requests
    .filter(({ received }) => !Number.isNaN(received))
    .toSorted((a, b) => a.received - b.received)
  return edits.map(({ at, variant }, index) => {
    const until = edits[index + 1]?.at ?? Number.POSITIVE_INFINITY
    const within = answered.filter(({ received }) => received >= at && received < until)
    const firstNew = within.find((each) => each.variant === variant)
    const lastOld = within.findLast((each) => each.variant !== variant)
    return {
      firstNew: (firstNew?.received ?? Number.NaN) - at,
      lastOld: lastOld === undefined ? 0 : lastOld.received - at,
    }
  })
}
