// Remembers the streams of one connection that ended last, for the frames that were already on their way to them.

const REMEMBERED = 256

export type Ending = 'completed' | 'reset'

export class ClosedStreams {
  /** A stream's id, negative if the sidecar or an upstream reset it. */
  readonly #ring = new Int32Array(REMEMBERED)
  #next = 0

  add(id: number, ending: Ending): void {
    this.#ring[this.#next] = ending === 'reset' ? -id : id
    this.#next = (this.#next + 1) % REMEMBERED
  }

  /** Undefined if it never was, or is forgotten. */
  endingOf(id: number): Ending | undefined {
    if (this.#ring.includes(-id)) return 'reset'
    return this.#ring.includes(id) ? 'completed' : undefined
  }
}
