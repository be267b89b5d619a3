// A destination of the sidecar: the address that is called, its baseline, and the decision for each request to it.

import type { Address } from '../core/address.ts'
import { type Carrier, readKeys } from '../core/carrier.ts'
import { type Decision, decide } from '../core/decision.ts'
import type { RouteTable } from '../core/route-table.ts'
import type { Protocol } from '../core/wire.ts'
import type { RequestCounts } from './counters.ts'

/** Where a request's carriers are found: the i-th carrier's header, its lines joined with a comma. */
export type CarrierValues = (index: number) => string | undefined

/** One at a time stands behind each listening address; a change of the agent's replaces fields, so open connections see it. */
export class Destination {
  /** `127.0.0.1:7001`, as the agent named it. */
  readonly listen: string
  readonly service: string
  baseline: Address
  protocol: Protocol
  tables: readonly RouteTable[]
  readonly counts: RequestCounts
  readonly #carriers: readonly Carrier[]
  readonly #keys: { readonly live: { has(key: string): boolean }; readonly own: string | undefined }

  constructor(
    options: Pick<Destination, 'listen' | 'service' | 'baseline' | 'protocol' | 'tables' | 'counts'>,
    carriers: readonly Carrier[],
    keys: { readonly live: { has(key: string): boolean }; readonly own: string | undefined },
  ) {
    this.listen = options.listen
    this.service = options.service
    this.baseline = options.baseline
    this.protocol = options.protocol
    this.tables = options.tables
    this.counts = options.counts
    this.#carriers = carriers
    this.#keys = keys
  }

  decide(values: CarrierValues): Decision {
    const { live, own } = this.#keys
    return decide(readKeys(this.#carriers, values), { tables: this.tables, liveKeys: live, ownKey: own })
  }

  /** The key that requests of this pod carry on if they carry none: the fork's own. */
  get ownKey(): string | undefined {
    return this.#keys.own
  }
}
