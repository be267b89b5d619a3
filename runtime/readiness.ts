// Readiness as a set of named conditions: a process is ready when none is pending, and says which ones are.

export class Readiness {
  readonly #pending = new Map<string, string>()

  /** Holds readiness back under this name, for this reason, until `done`. */
  pending(name: string, reason: string): void {
    this.#pending.set(name, reason)
  }

  done(name: string): void {
    this.#pending.delete(name)
  }

  get ready(): boolean {
    return this.#pending.size === 0
  }

  /** Why it is not ready, by name. */
  reasons(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#pending)
  }
}
