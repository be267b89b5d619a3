// How many requests of HTTP/1 wait for their answers.

export class InFlight {
  #requests = 0

  /** Sent to an upstream, and not answered. */
  get requests(): number {
    return this.#requests
  }

  asked(): void {
    this.#requests++
  }

  /** The answer has begun to come, or never will. */
  answered(): void {
    this.#requests--
  }
}
