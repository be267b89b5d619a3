// Lets one line a second through for each thing that is said, so that a fork that is down under load does not fill the log.

/** More different things than this in one second are not told apart any more. */
const MAX_REMEMBERED = 1000

export class Throttle {
  /** When each was last let through, in seconds since the start. */
  readonly #last = new Map<string, number>()

  allows(what: string): boolean {
    const now = process.uptime()
    if (now - (this.#last.get(what) ?? Number.NEGATIVE_INFINITY) < 1) return false
    if (this.#last.size >= MAX_REMEMBERED) this.#last.clear()
    this.#last.set(what, now)
    return true
  }
}
