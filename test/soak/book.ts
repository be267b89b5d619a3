// The book of a soak: when which fault or change was under way.

import type { Cost, Window } from './account.ts'

const LONGEST_WHY = 500

export class Book {
  readonly #windows: Window[] = []
  readonly #open = new Set<Window>()
  readonly #failures: string[] = []
  readonly #say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Those that are over, and those that are not. */
  get windows(): readonly Window[] {
    return [...this.#windows, ...this.#open]
  }

  /** What could not be done, or did not come to rest. */
  get failures(): readonly string[] {
    return this.#failures
  }

  fail(what: string, error: unknown): void {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    const why = `${error instanceof Error ? error.message : String(error)}${cause}`
    this.#failures.push(`${what}: ${why.slice(0, LONGEST_WHY)}`)
    this.#say(`FAILED ${what}: ${why}`)
  }

  get faults(): number {
    return this.#windows.filter(({ is }) => is === 'fault').length
  }

  /** Something that happened by itself. */
  note(window: Window, why: string): void {
    this.#windows.push(window)
    this.#say(`${window.kind} for ${((window.to - window.from) / 1000).toFixed(1)} s: ${why}`)
  }

  /** `work` is under way until it resolves; it may say what it costs once it knows. */
  async during<T>(
    what: Pick<Window, 'kind' | 'is'>,
    cost: Cost | undefined,
    work: (costs: (cost: Cost) => void) => Promise<T>,
  ): Promise<T> {
    const from = Date.now()
    let window: Window = { ...what, from, to: Infinity, ...(cost === undefined ? {} : { cost }) }
    const keep = (next: Window) => {
      this.#open.delete(window)
      this.#open.add((window = next))
    }
    keep(window)
    try {
      return await work((known) => keep({ ...window, cost: known }))
    } finally {
      this.#open.delete(window)
      const now = Date.now()
      // What it costs may come after all is calm: a connection that was cut off sends again late.
      this.#windows.push({ ...window, to: Math.max(now, window.cost?.until ?? now) })
      this.#say(`${what.kind}: ${((now - from) / 1000).toFixed(1)} s`)
    }
  }
}
