// A destination of the sidecar: the address that is called, its baseline, and the decision for each request to it.

import { type Address, formatAddress } from '../core/address.ts'
import { type Carrier, readKeys } from '../core/carrier.ts'
import { type Decision, decide } from '../core/decision.ts'
import type { RouteTable } from '../core/route-table.ts'
import type { RoutingKeys } from '../core/routing-key.ts'
import type { Protocol } from '../core/wire.ts'
import type { RequestCounts } from './counters.ts'

/** Where a request's carriers are found: the i-th carrier's header, its lines joined with a comma. */
export type CarrierValues = (index: number) => string | undefined

/** The keys that the sidecar knows of: those of live sandboxes, and that of the fork it stands beside. */
export interface Keys {
  readonly live: { has(key: string): boolean }
  readonly own: string | undefined
}

export interface DestinationOptions {
  /** `127.0.0.1:7001`, as the agent named it. */
  readonly listen: string
  readonly service: string
  readonly baseline: Address
  readonly protocol: Protocol
  readonly tables: readonly RouteTable[]
  /** Calls from others to this pod's own workload. */
  readonly inbound?: boolean
  readonly counts: RequestCounts
}

export class Destination {
  readonly listen: string
  readonly service: string
  readonly inbound: boolean
  readonly counts: RequestCounts
  readonly #carriers: readonly Carrier[]
  readonly #keys: Keys
  #baseline: Address
  #protocol: Protocol
  #tables: readonly RouteTable[]
  #serverSpeaksFirst = false
  #takesConnectProtocol = false

  constructor(options: DestinationOptions, carriers: readonly Carrier[], keys: Keys) {
    this.listen = options.listen
    this.service = options.service
    this.inbound = options.inbound === true
    this.counts = options.counts
    this.#baseline = options.baseline
    this.#protocol = options.protocol
    this.#tables = options.tables
    this.#carriers = carriers
    this.#keys = keys
  }

  get baseline(): Address {
    return this.#baseline
  }

  get protocol(): Protocol {
    return this.#protocol
  }

  /** The baseline was seen to speak before its client: no HTTP, and the next client need not be kept waiting to find out. */
  get serverSpeaksFirst(): boolean {
    return this.#serverSpeaksFirst
  }

  rememberServerSpeaksFirst(): void {
    this.#serverSpeaksFirst = true
  }

  /** The baseline has said that it takes CONNECT with :protocol (RFC 8441 §3): clients hear it before they ask it for anything. */
  get takesConnectProtocol(): boolean {
    return this.#takesConnectProtocol
  }

  rememberConnectProtocol(): void {
    this.#takesConnectProtocol = true
  }

  /** What the agent has changed; holds for open connections too. */
  update(baseline: Address, protocol: Protocol, tables: readonly RouteTable[]): void {
    if (formatAddress(baseline) !== formatAddress(this.#baseline)) {
      this.#baseline = baseline
      this.#serverSpeaksFirst = this.#takesConnectProtocol = false
    }
    this.#protocol = protocol
    this.#tables = tables
  }

  /** The agent does not speak of it any more: open connections have the baseline left, since nobody would tell them of a fork that goes. */
  retire(): void {
    this.#tables = []
  }

  keys(values: CarrierValues): RoutingKeys {
    return readKeys(this.#carriers, values)
  }

  decide(keys: RoutingKeys): Decision {
    const { live, own } = this.#keys
    return decide(keys, { tables: this.#tables, liveKeys: live, ownKey: own })
  }

  /** The key to send on with a request that carries none: the fork's own, if a fork sends it. */
  keyToAdd({ keys }: RoutingKeys): string | undefined {
    const { own } = this.#keys
    return own !== undefined && keys.length === 0 ? own : undefined
  }
}
