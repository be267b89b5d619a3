// Comparisons within a round, in which all peers met the same machine.

import { median } from './median.ts'

export interface RoundSample {
  readonly peer: string
  readonly round: number
}

export function sameRound<T extends RoundSample>(all: readonly T[], sample: RoundSample, other: string): T | undefined {
  return all.find((each) => each.peer === other && each.round === sample.round)
}

/** The median of the ratios of `peer` to `other`, which is steadier than the ratio of medians. NaN without both. */
export function ratioInRounds<T extends RoundSample>(
  all: readonly T[],
  peer: string,
  other: string,
  value: (sample: T) => number,
): number {
  return median(
    all
      .filter((each) => each.peer === peer)
      .flatMap((each) => {
        const found = sameRound(all, each, other)
        return found === undefined ? [] : [value(each) / value(found)]
      }),
  )
}
