// Reports traced requests to the agent: no more than some a second, so that nobody fills a node's log from outside.

import { type Address, formatAddress } from '../core/address.ts'
import type { Decision } from '../core/decision.ts'
import { type Hop, type TraceMark, shownPath, traceIdOf, withHop } from '../core/hop.ts'
import type { Counters } from './counters.ts'
import type { Destination } from './destination.ts'
import { type Refusal, refusalStatus } from './refusal.ts'

/** Further ones in the same second pass as if they were not traced, and are counted. */
export const MOST_HOPS_A_SECOND = 20

/** What is known of a traced request before it is sent on. */
export interface TracedRequest {
  readonly mark: TraceMark
  readonly destination: Destination
  readonly decision: Decision
  readonly protocol: Hop['protocol']
  readonly method: string
  /** With its query. */
  readonly target: string
  /** Its value, empty if it has none. */
  readonly traceparent: string
}

export class Tracer {
  readonly #report: (hop: Hop) => void
  readonly #counters: Counters
  #second = 0
  #inSecond = 0

  constructor(report: (hop: Hop) => void, counters: Counters) {
    this.#report = report
    this.#counters = counters
  }

  /** Undefined if there were too many. */
  begin(request: TracedRequest): OpenHop | undefined {
    const second = Math.floor(process.uptime())
    if (second !== this.#second) {
      this.#second = second
      this.#inSecond = 0
    }
    if (this.#inSecond >= MOST_HOPS_A_SECOND) {
      this.#counters.event('hop-unreported')
      return undefined
    }
    this.#inSecond++
    return new OpenHop(request, this.#report)
  }
}

/** One traced request on its way; reported once. */
export class OpenHop {
  /** The carrier's header for the upstream. */
  readonly header: string
  readonly #known: Omit<Hop, 'to' | 'milliseconds' | 'status' | 'code'>
  readonly #startedAt = performance.now()
  #report: ((hop: Hop) => void) | undefined

  constructor(request: TracedRequest, report: (hop: Hop) => void) {
    const { mark, destination, decision, protocol, method, target, traceparent } = request
    const given = mark.id === '' ? traceIdOf(traceparent) : mark.id
    const trace = given === '' ? newId() : given
    const id = newId()
    this.header = withHop(mark, trace, id)
    this.#report = report
    this.#known = {
      trace,
      id,
      parent: mark.parent,
      service: destination.service,
      inbound: destination.inbound,
      fork: decision.to === 'fork' ? decision.route.key : '',
      protocol,
      method,
      path: shownPath(target),
      at: Date.now(),
    }
  }

  /** Its answer has begun, and comes from `address`. */
  answered(status: number, address: Address): void {
    this.#tell(status, '', formatAddress(address))
  }

  /** The sidecar has answered itself; `address` is where it tried to send it. */
  refused(refusal: Refusal, address?: Address): void {
    this.#tell(refusalStatus(refusal), refusal.code, address === undefined ? '' : formatAddress(address))
  }

  /** There is nothing more to come. */
  over(address?: Address): void {
    this.#tell(0, '', address === undefined ? '' : formatAddress(address))
  }

  #tell(status: number, code: string, to: string): void {
    const milliseconds = Math.round((performance.now() - this.#startedAt) * 10) / 10
    this.#report?.({ ...this.#known, to, milliseconds, status, code })
    this.#report = undefined
  }
}

/** Unlike all others of its trace: 40 bits. */
function newId(): string {
  return Math.floor(Math.random() * 2 ** 40)
    .toString(16)
    .padStart(10, '0')
}
