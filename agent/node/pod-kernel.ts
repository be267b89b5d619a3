// What one pod's kernel redirects: read once, then known from what was put in force; while it is being changed, it may be either.

import type { NetworkNamespace } from './network-namespace.ts'
import { EMPTY, REMOVE, changeProgram } from './nft-program.ts'
import type { NftRunner } from './nft-runner.ts'
import { EMPTY_KERNEL, type Kernel, type Step, kernelOf } from './pod-plan.ts'
import { LOCAL_PREFIX_6 } from '../../core/interception.ts'

export class PodKernel {
  readonly #nft: NftRunner
  readonly #namespace: NetworkNamespace
  #now: Kernel | undefined
  #perhaps: Kernel = EMPTY_KERNEL
  #rules: string | undefined
  #removed = false

  constructor(nft: NftRunner, namespace: NetworkNamespace) {
    this.#nft = nft
    this.#namespace = namespace
  }

  /** Undefined before it was read, and when a change has failed. */
  get now(): Kernel | undefined {
    return this.#now
  }

  get removed(): boolean {
    return this.#removed
  }

  /** It takes calls to this address elsewhere, or may do so. */
  redirects(address: string): boolean {
    return this.#now?.redirects.has(address) === true || this.#perhaps.redirects.has(address)
  }

  /** As `redirects`, for calls to the pod itself. */
  redirectsInbound(address: string): boolean {
    return this.#now?.inbound.has(address) === true || this.#perhaps.inbound.has(address)
  }

  get redirectsAnything(): boolean {
    return this.#now !== undefined && this.#now.redirects.size + this.#now.inbound.size > 0
  }

  /** These rules, a `tableProgram`, are in force. */
  hasRules(rules: string | undefined): boolean {
    return rules !== undefined && rules === this.#rules
  }

  async read(): Promise<Kernel> {
    this.#now = kernelOf(await this.#nft.read(this.#namespace))
    this.#perhaps = EMPTY_KERNEL
    return this.#now
  }

  async install(rules: string): Promise<void> {
    await this.#nft.routeLocal6(this.#namespace, LOCAL_PREFIX_6)
    await this.#nft.apply(this.#namespace, rules)
    this.#rules = rules
  }

  change({ change, after }: Extract<Step, { readonly do: 'change' }>): Promise<void> {
    return this.#apply(changeProgram(change), after)
  }

  empty(): Promise<void> {
    return this.#apply(EMPTY, EMPTY_KERNEL)
  }

  async remove(): Promise<void> {
    await this.#nft.apply(this.#namespace, REMOVE)
    this.#rules = undefined
    this.#removed = true
  }

  async #apply(program: string, after: Kernel): Promise<void> {
    const before = this.#now ?? EMPTY_KERNEL
    this.#perhaps = after
    try {
      await this.#nft.apply(this.#namespace, program)
      this.#now = after
      this.#perhaps = EMPTY_KERNEL
    } catch (error) {
      // Until it has been read again, it may hold any of both.
      this.#perhaps = {
        redirects: new Map([...before.redirects, ...after.redirects]),
        inbound: new Map([...before.inbound, ...after.inbound]),
        strange: [],
      }
      this.#now = undefined
      throw error
    }
  }
}
