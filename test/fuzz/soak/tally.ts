// What became of the requests of a soak: counts, and the first few of each kind of fault in full.

import type { RequestPlan } from './request-plan.ts'

export interface Answer {
  readonly status: number
  readonly variant: string | undefined
  readonly route: string | undefined
  /** What the upstream says about the request's body. */
  readonly received: string | undefined
  /** The body is whole, as the framing says. */
  readonly complete: boolean
  readonly sha: string
  readonly length: number
}

/** A request ends with an answer, or with the code of an error. */
export type Outcome = Answer | { readonly error: string }

export const FAULTS = [
  'wrong variant',
  'corrupt body',
  'wrong status',
  'cut off as if whole',
  'unexplained error',
  'connection error',
] as const
export type Fault = (typeof FAULTS)[number]

const SAMPLES = 5

export class Tally {
  readonly faults = new Map<Fault, number>(FAULTS.map((fault) => [fault, 0]))
  readonly samples: string[] = []
  readonly errors: Record<string, number> = {}
  requests = 0
  answered = 0
  refused = 0
  aborted = 0
  /** The upstream was told to die, or that of a neighbour on the same connection was. */
  died = 0
  bytes = 0

  fault(fault: Fault, plan: RequestPlan | undefined, what: unknown): void {
    const count = (this.faults.get(fault) ?? 0) + 1
    this.faults.set(fault, count)
    if (count <= SAMPLES) this.samples.push(`${fault}: ${JSON.stringify(plan)} ${JSON.stringify(what)}`)
  }

  get faulty(): number {
    return [...this.faults.values()].reduce((sum, count) => sum + count, 0)
  }
}
