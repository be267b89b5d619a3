// How long to wait before the next try: longer with each failure in a row, and never in step with others.

export interface BackOff {
  readonly firstDelayMs: number
  readonly longestDelayMs: number
}

/** Milliseconds after `failures` failures in a row: doubled each time, half to all of it by chance (`random` is 0 to 1). */
export function backOff(failures: number, { firstDelayMs, longestDelayMs }: BackOff, random = Math.random()): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 30))
  return delay * (0.5 + random / 2)
}
