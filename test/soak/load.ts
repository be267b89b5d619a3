// The load of a soak: what the ledgers send, and what is expected of it as sandboxes and faults come and go.

import { eventually } from '../e2e/stage/api.ts'
import type { Ledger } from '../e2e/ledger/ledger.ts'
import type { Errand } from '../e2e/ledger/judge.ts'
import { errandsOf, type KeyedExpectation } from './expectation.ts'
import { SharedRun } from './shared-run.ts'

export interface LoadOptions {
  /** Of each ledger, in a second. */
  readonly rate: number
}

const CONCURRENCY = 8
/** What a busy machine takes is no loss. */
const PATIENCE_MS = 15_000
/** An API server that was killed, or stopped, passes nothing on meanwhile. */
const TELL_MS = 180_000

export class Load {
  /** Of pods with a sidecar. */
  readonly ledgers: readonly Ledger[]
  /** In a pod without one: what it loses is lost without Sidetrack. */
  readonly control: Ledger
  readonly #rate: number
  readonly #keyed = new Map<string, KeyedExpectation>()
  #exceptions: ReadonlySet<string> = new Set()
  readonly #telling = new SharedRun(() => this.#tell())

  constructor(ledgers: readonly Ledger[], control: Ledger, { rate }: LoadOptions) {
    this.ledgers = ledgers
    this.control = control
    this.#rate = rate
  }

  get all(): readonly Ledger[] {
    return [...this.ledgers, this.control]
  }

  /** Resolves when every ledger goes by it. */
  async expect(key: string, service: KeyedExpectation['service'], ...answers: readonly string[]): Promise<void> {
    this.#keyed.set(key, { key, service, answers })
    await this.#telling.run()
  }

  /** Sends no more requests with it. */
  async forget(key: string): Promise<void> {
    this.#keyed.delete(key)
    await this.#telling.run()
  }

  /** From now on these callers may bypass their sidecars, and the forks of these keys be gone. */
  async except(...names: readonly string[]): Promise<void> {
    this.#exceptions = new Set(names)
    await this.#telling.run()
  }

  async start(): Promise<void> {
    await this.#telling.run()
  }

  /** The keys whose requests their forks alone may answer now. */
  get strict(): readonly KeyedExpectation[] {
    return [...this.#keyed.values()].filter(({ key, answers }) => answers.length === 1 && answers[0] === key)
  }

  async #tell(): Promise<void> {
    await Promise.all([
      ...this.ledgers.map((ledger) =>
        this.#plan(ledger, errandsOf(ledger.name, this.#keyed.values(), this.#exceptions)),
      ),
      this.#plan(
        this.control,
        errandsOf(this.control.name, [], new Set()).filter(({ name }) => name.startsWith('pricing')),
      ),
    ])
  }

  async #plan(ledger: Ledger, errands: readonly Errand[]): Promise<void> {
    const plan = { rate: this.#rate, errands, concurrency: CONCURRENCY, patience: PATIENCE_MS }
    await eventually(async () => {
      await ledger.plan(plan)
      return true
    }, TELL_MS)
  }
}
