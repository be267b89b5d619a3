// Remembers the streams of one connection that ended last, for the frames that were already on their way to them.

const COMPLETED = 256

/** More than may be open at once: all of them may be reset before the client hears of the first. */
const RESET = 16_384

export type Ending = 'completed' | 'reset'

export class ClosedStreams {
  readonly #completed = new Int32Array(COMPLETED)
  #next = 0
  /** A bit for each of the newest ids that clients may use, from the first reset on; few connections ever see one. */
  #reset: Uint8Array | undefined
  /** The newest of them, counted in such ids. */
  #newest = 0

  /** `reset`: by the sidecar or an upstream. */
  add(id: number, ending: Ending): void {
    if (ending === 'reset') {
      this.#addReset(id >> 1)
      return
    }
    this.#completed[this.#next] = id
    this.#next = (this.#next + 1) % COMPLETED
  }

  /** Undefined if it never was, or is forgotten. */
  endingOf(id: number): Ending | undefined {
    if (this.#wasReset(id >> 1)) return 'reset'
    return this.#completed.includes(id) ? 'completed' : undefined
  }

  #addReset(place: number): void {
    const bits = (this.#reset ??= new Uint8Array(RESET / 8))
    if (place - this.#newest >= RESET) bits.fill(0)
    else for (let each = this.#newest + 1; each <= place; each++) bits[(each % RESET) >> 3]! &= ~(1 << (each & 7))
    this.#newest = Math.max(this.#newest, place)
    if (this.#newest - place < RESET) bits[(place % RESET) >> 3]! |= 1 << (place & 7)
  }

  #wasReset(place: number): boolean {
    if (this.#reset === undefined || place > this.#newest || this.#newest - place >= RESET) return false
    return (this.#reset[(place % RESET) >> 3]! & (1 << (place & 7))) !== 0
  }
}
