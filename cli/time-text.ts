// Times as a person reads them.

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `45s`, `125m`, `4h5m`, `30h`, `9d`, as kubectl writes ages: finer where the time is short. Below zero counts as zero. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 2 * MINUTE) return `${seconds}s`
  if (seconds < 10 * MINUTE) return two(seconds, MINUTE, 'm', 1, 's')
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`
  if (seconds < 8 * HOUR) return two(seconds, HOUR, 'h', MINUTE, 'm')
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`
  return `${Math.floor(seconds / DAY)}d`
}

/** The age of what was made at `created` (RFC 3339); empty if nobody knows. */
export function ageText(created: string | undefined, now: number): string {
  return created === undefined ? '' : spanText(now - Date.parse(created))
}

/** `in 4h5m`, `now`; empty if it never comes. */
export function dueText(at: string | undefined, now: number): string {
  if (at === undefined) return ''
  const left = Date.parse(at) - now
  return left <= 0 ? 'now' : `in ${spanText(left)}`
}

/** Seconds with as many digits as matter: `0.04 s`, `3.2 s`, `75 s`. */
export function secondsText(ms: number): string {
  const seconds = ms / 1000
  return `${seconds.toFixed(seconds < 1 ? 2 : seconds < 60 ? 1 : 0)} s`
}

function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`
}
