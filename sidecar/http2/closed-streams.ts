// Remembers the streams of one connection that ended last, for the frames that were already on their way to them.

const COMPLETED = 256

/** More than may be open at once: all of them may be reset before the client hears of the first. */
const RESET = 16_384

export type Ending = 'completed' | 'reset'

export class ClosedStreams {
  /** Grows to that: most connections of browsers and probes end few streams. */
  #completed = new Int32Array(COMPLETED / 16)
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
    if (this.#next === this.#completed.length) this.#next = this.#next === COMPLETED ? 0 : this.#grow()
    this.#completed[this.#next++] = id
  }

  /** Undefined if it never was, or is forgotten. */
  endingOf(id: number): Ending | undefined {
    if (this.#wasReset(id >> 1)) return 'reset'
    return this.#completed.includes(id) ? 'completed' : undefined
  }

  /** Returns where the next one goes. */
  #grow(): number {
    const { length } = this.#completed
    const grown = new Int32Array(length * 4)
    grown.set(this.#completed)
    this.#completed = grown
    return length
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
