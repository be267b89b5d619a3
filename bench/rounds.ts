// The order of a round: what runs first differs from round to round, so that no peer always has the warm or the quiet machine.

/** Starts one further each round, and goes backwards in every second one. */
export function alternate<T>(items: readonly T[], round: number): readonly T[] {
  const start = round % Math.max(1, items.length)
  const turned = [...items.slice(start), ...items.slice(0, start)]
  return round % 2 === 0 ? turned : turned.toReversed()
}
