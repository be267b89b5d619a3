// Gives back what the start of the process has left behind, once, when nobody waits: a quarter of what an idle sidecar's heap would hold.

export class StartGarbage {
  readonly #collect: NodeJS.GCFunction | undefined
  #seen = 0
  #collected = false

  /** `collect` is V8's own, of `--expose-gc`; without it nothing happens. */
  constructor(collect: NodeJS.GCFunction | undefined) {
    this.#collect = collect
  }

  /** Once a second, with how many requests there have been since the start. The first quiet second is taken: it stands still for 20 ms. */
  tick(requests: number): void {
    if (this.#collected) return
    const quiet = requests === this.#seen
    this.#seen = requests
    if (!quiet) return
    this.#collected = true
    this.#collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
}
