// Durations as people write them in a Sandbox and on a command line: a Go duration of whole hours, minutes and seconds.

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 }

/** A Go duration of whole hours, minutes and seconds above zero, in milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+h)?(\d+m)?(\d+s)?$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([hms])/g)) total += Number(count) * (UNITS[unit ?? ''] ?? 0)
  return total > 0 && Number.isSafeInteger(total) ? total : undefined
}

/** `8h`, `2h30m`, `90s` as `1m30s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [`${Math.floor(seconds / 3600)}h`, `${Math.floor((seconds % 3600) / 60)}m`, `${seconds % 60}s`]
  return parts.filter((part) => !part.startsWith('0')).join('') || '0s'
}
