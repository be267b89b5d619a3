// A queue of keys to look at: some at a time, each by one at a time, again after a while if that failed.

import { type BackOff, backOff } from '../../kubernetes/back-off.ts'
import { Schedule } from './schedule.ts'

export interface Work {
  /** Resolves with the milliseconds after which the key wants to be looked at again, if it does. What it throws is tried again. */
  readonly handle: (key: string, signal: AbortSignal) => Promise<number | undefined>
  readonly failed: (key: string, error: unknown, nextMs: number) => void
  /** A key was worked on for so long. */
  readonly worked: (key: string, seconds: number) => void
  /** Keys that are worked on at a time. */
  readonly concurrency: number
  readonly backOff: BackOff
}

export interface Wanted {
  readonly delayMs?: number
  readonly background?: boolean
}

/** Timers of Node hold less than 25 days. */
const LONGEST_TIMER_MS = 3_600_000

export class Queue {
  readonly #work: Work
  readonly #schedule = new Schedule()
  readonly #failures = new Map<string, number>()
  readonly #idle = Promise.withResolvers<void>()
  #signal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(work: Work) {
    this.#work = work
  }

  get depth(): number {
    return this.#schedule.depth
  }

  /** Something is being worked on. */
  get working(): boolean {
    return this.#schedule.taken > 0
  }

  add(key: string, { delayMs = 0, background = false }: Wanted = {}): void {
    const now = performance.now()
    this.#schedule.add(key, { at: now + delayMs, background }, now)
    this.#pump()
  }

  /** Works until the signal aborts; resolves when nothing is being worked on any more. What is added before waits. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    const end = () => {
      clearTimeout(this.#timer)
      if (this.#schedule.taken === 0) this.#idle.resolve()
    }
    if (signal.aborted) return
    signal.addEventListener('abort', end, { once: true })
    this.#pump()
    await this.#idle.promise
  }

  #pump(): void {
    const signal = this.#signal
    if (signal === undefined || signal.aborted) return
    while (this.#schedule.taken < this.#work.concurrency) {
      const key = this.#schedule.take(performance.now())
      if (key === undefined) break
      void this.#handle(key, signal)
    }
    clearTimeout(this.#timer)
    const next = this.#schedule.next()
    // Whoever ends makes room for what is due; only what will be due needs a timer.
    if (next === undefined || this.#schedule.taken >= this.#work.concurrency) return
    const delay = Math.min(LONGEST_TIMER_MS, Math.max(0, next - performance.now()))
    this.#timer = setTimeout(() => this.#pump(), Math.ceil(delay))
  }

  async #handle(key: string, signal: AbortSignal): Promise<void> {
    const start = performance.now()
    const again = await this.#try(key, signal)
    this.#work.worked(key, (performance.now() - start) / 1000)
    const now = performance.now()
    this.#schedule.finish(key, now)
    if (again !== undefined) this.#schedule.add(key, { at: now + again, background: false }, now)
    if (signal.aborted && this.#schedule.taken === 0) this.#idle.resolve()
    this.#pump()
  }

  async #try(key: string, signal: AbortSignal): Promise<number | undefined> {
    try {
      const again = await this.#work.handle(key, signal)
      this.#failures.delete(key)
      return again
    } catch (error) {
      if (signal.aborted) return undefined
      const failures = (this.#failures.get(key) ?? 0) + 1
      this.#failures.set(key, failures)
      const delay = backOff(failures, this.#work.backOff)
      this.#work.failed(key, error, delay)
      return delay
    }
  }
}
