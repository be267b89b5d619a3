// What is to be done next for one pod, from what is known of it: the whole order of interception, without doing any of it.

import { type Address, parseAddress } from '../../core/address.ts'
import { type InboundRedirect, type NftChange, type Redirect, NO_CHANGE } from './nft-program.ts'
import type { NftTable } from './nft-table.ts'

/** By the address that is called, as text: which local address stands for it. */
export interface Target {
  readonly to: Address
  readonly number: number
  /** A sidecar that has applied this revision of the hub knows what to do with such calls. */
  readonly revision: number
}

export interface InboundTarget extends InboundRedirect {
  readonly revision: number
}

export interface Desired {
  readonly redirects: ReadonlyMap<string, Target>
  readonly inbound: ReadonlyMap<string, InboundTarget>
}

/** What the kernel of the pod redirects. */
export interface Kernel {
  readonly redirects: ReadonlyMap<string, Pick<Target, 'number'>>
  readonly inbound: ReadonlyMap<string, Pick<InboundTarget, 'port'>>
  /** Elements that lead nowhere. */
  readonly strange: readonly Address[]
}

export const EMPTY_KERNEL: Kernel = { redirects: new Map(), inbound: new Map(), strange: [] }

export interface PodFacts {
  /** The pod has ended or was deleted. */
  readonly gone: boolean
  /** Sidetrack is about to be removed: nothing is to be redirected any more. */
  readonly removing: boolean
  /** Its network namespace is held open. */
  readonly namespace: boolean
  /** Undefined: to be read. */
  readonly kernel: Kernel | undefined
  /** Undefined: not known yet. */
  readonly desired: Desired | undefined
  readonly listening: boolean
  /** The nftables rules of this agent are in force: for this user, these probes. */
  readonly rules: boolean
  readonly sidecar: SidecarFacts
  /** Why this pod must not be redirected. */
  readonly fault: string | undefined
  /** Connections that came by a redirect and are still open. Undefined: nobody looked. */
  readonly redirectedConnections: number | undefined
  /** The table is deleted. */
  readonly removed: boolean
}

export type SidecarFacts =
  /** It may be there, and comes to an agent that has just started: its redirects stay. */
  | { readonly is: 'awaited' }
  | { readonly is: 'away' }
  | {
      readonly is: 'connected'
      /** The hub's revision that it has confirmed; -1 before the first. */
      readonly applied: number
      readonly draining: boolean
      /** What it was told of its redirects; false before anything. */
      readonly told: boolean
    }

/** Why there is nothing to do at the moment. */
export type Waiting =
  | 'for-tables'
  | 'for-sidecar'
  | 'for-applied'
  | 'redirected'
  | 'draining'
  | 'faulty'
  | 'emptied'
  | 'removed'

export type Step =
  | { readonly do: 'end' }
  | { readonly do: 'find' }
  | { readonly do: 'read' }
  | { readonly do: 'listen' }
  | { readonly do: 'install' }
  /** Afterwards the kernel redirects `after`. */
  | { readonly do: 'change'; readonly change: NftChange; readonly after: Kernel }
  | { readonly do: 'empty' }
  | { readonly do: 'count' }
  | { readonly do: 'remove' }
  | { readonly do: 'tell'; readonly redirected: boolean }
  | { readonly do: 'wait'; readonly waiting: Waiting }

/**
 * The order: what the kernel had is known before anything is said, what leads nowhere is taken out before a sidecar is told of a table
 * without it, the rules stand before an element, an element comes after the sidecar's word that it knows it and goes before the sidecar
 * forgets it; and the sidecar hears that it is redirected when all of it is.
 */
export function nextStep(facts: PodFacts): Step {
  const { kernel, desired, sidecar } = facts
  if (facts.gone) return { do: 'end' }
  if (!facts.namespace) return { do: 'find' }
  if (kernel === undefined) return { do: 'read' }
  if (facts.removing) return removalStep(facts, kernel)
  if (desired === undefined) return wait('for-tables')
  if (facts.fault !== undefined) return withoutRedirects(facts, kernel, 'faulty')
  if (sidecar.is === 'away') return withoutRedirects(facts, kernel, 'for-sidecar')
  if (sidecar.is === 'connected' && sidecar.draining) return withoutRedirects(facts, kernel, 'draining')
  const applied = sidecar.is === 'connected' && facts.rules ? sidecar.applied : -1
  const step = changeStep(kernel, desired, applied)
  if (step !== undefined && removesSomething(step.change)) return step
  if (!facts.listening) return { do: 'listen' }
  if (sidecar.is === 'awaited') return wait('for-sidecar')
  if (!facts.rules) return { do: 'install' }
  if (step !== undefined) return step
  if (sidecar.applied < 0 || !isSame(kernel, desired)) return wait('for-applied')
  return sidecar.told ? wait('redirected') : { do: 'tell', redirected: true }
}

/** Nothing may be redirected now; afterwards perhaps again. */
function withoutRedirects({ sidecar, listening }: PodFacts, kernel: Kernel, waiting: Waiting): Step {
  if (!isEmpty(kernel)) return { do: 'empty' }
  if (!listening) return { do: 'listen' }
  return sidecar.is === 'connected' && sidecar.told ? { do: 'tell', redirected: false } : wait(waiting)
}

function removesSomething({ removeRedirects, removeInbound }: NftChange): boolean {
  return removeRedirects.length + removeInbound.length > 0
}

/** A table is deleted when nothing goes by it any more: that would break what does. */
function removalStep(facts: PodFacts, kernel: Kernel): Step {
  const { sidecar, redirectedConnections } = facts
  if (facts.removed) return wait('removed')
  if (!isEmpty(kernel)) return { do: 'empty' }
  if (sidecar.is === 'connected' && sidecar.told) return { do: 'tell', redirected: false }
  if (redirectedConnections === undefined) return { do: 'count' }
  return redirectedConnections === 0 ? { do: 'remove' } : wait('emptied')
}

/** What takes the kernel to what is desired, as far as the sidecar has confirmed it; undefined if there is nothing to do. */
function changeStep(
  kernel: Kernel,
  desired: Desired,
  applied: number,
): Extract<Step, { readonly do: 'change' }> | undefined {
  if (isSame(kernel, desired) && kernel.strange.length === 0) return undefined
  const removeRedirects: Address[] = [...kernel.strange]
  const removeInbound: Address[] = []
  const addRedirects: Redirect[] = []
  const addInbound: InboundTarget[] = []
  const redirects = new Map(kernel.redirects)
  for (const [text, { number }] of kernel.redirects) {
    if (desired.redirects.get(text)?.number === number) continue
    redirects.delete(text)
    removeRedirects.push(addressOf(text))
  }
  for (const [text, target] of desired.redirects) {
    if (redirects.has(text) || target.revision > applied) continue
    redirects.set(text, target)
    addRedirects.push(target)
  }
  const inbound = new Map(kernel.inbound)
  for (const [text, { port }] of kernel.inbound) {
    if (desired.inbound.get(text)?.port === port) continue
    inbound.delete(text)
    removeInbound.push(addressOf(text))
  }
  for (const [text, target] of desired.inbound) {
    if (inbound.has(text) || target.revision > applied) continue
    inbound.set(text, target)
    addInbound.push(target)
  }
  if (removeRedirects.length + removeInbound.length + addRedirects.length + addInbound.length === 0) return undefined
  // Most pods of a node have the same redirects: they hold one map.
  const after = {
    redirects: redirects.size === desired.redirects.size ? desired.redirects : redirects,
    inbound: inbound.size === desired.inbound.size ? desired.inbound : inbound,
    strange: [],
  }
  return { do: 'change', change: { ...NO_CHANGE, removeRedirects, removeInbound, addRedirects, addInbound }, after }
}

function isSame(kernel: Kernel, desired: Desired): boolean {
  return holdsAll(kernel.redirects, desired.redirects, 'number') && holdsAll(kernel.inbound, desired.inbound, 'port')
}

function holdsAll<K extends string>(
  has: ReadonlyMap<string, Readonly<Record<K, number>>>,
  wanted: ReadonlyMap<string, Readonly<Record<K, number>>>,
  what: K,
): boolean {
  if (has === wanted) return true
  if (has.size !== wanted.size) return false
  for (const [text, target] of wanted) if (has.get(text)?.[what] !== target[what]) return false
  return true
}

function isEmpty(kernel: Kernel): boolean {
  return kernel.redirects.size + kernel.inbound.size + kernel.strange.length === 0
}

function wait(waiting: Waiting): Step {
  return { do: 'wait', waiting }
}

/** What the kernel says, in the form in which it is compared. */
export function kernelOf(table: NftTable): Kernel {
  return {
    redirects: new Map([...table.redirects].map(([text, number]) => [text, { number }])),
    inbound: new Map([...table.inbound].map(([text, port]) => [text, { port }])),
    strange: table.strange,
  }
}

function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new TypeError(`${text} is no address`)
  return address
}
