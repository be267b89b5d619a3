// How far the nodes are with tables and routes: from their reports, what the kubelets say and where agents run.

import type { Programmed } from '../../kubernetes/resources/sandbox.ts'
import type { View } from '../view/view.ts'
import { type ProgrammedState, type RoutedNode, programmedState } from './programmed.ts'

/** Between the end of an agent and the beginning of the next one on its node. */
const SUCCESSION_MS = 60_000

const NOTHING_YET = { routes: '0', tables: '0', sidecars: 0, bypassing: [] }

export class InForce {
  readonly #view: View
  #nodes: readonly RoutedNode[] | undefined
  readonly #left = new Map<string, number>()
  /** Who waits, and for what. */
  readonly #waiting = new Map<string, Programmed>()

  constructor(view: View) {
    this.#view = view
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** `who` is told of by `reached` until it is in force. */
  state(who: string, wanted: Programmed, before: Programmed | undefined): ProgrammedState {
    const state = programmedState(this.#routed(), wanted, before)
    if (state.programmed) this.#waiting.delete(who)
    else this.#waiting.set(who, wanted)
    return state
  }

  forget(who: string): void {
    this.#waiting.delete(who)
  }

  /** Something about nodes is different: those who need not wait any longer, as far as that can tell. */
  reached(): readonly string[] {
    this.#nodes = undefined
    if (this.#waiting.size === 0) return []
    const nodes = this.#routed()
    return [...this.#waiting]
      .filter(([, wanted]) => programmedState(nodes, wanted, undefined).programmed)
      .map(([who]) => who)
  }

  /** Whoever is left out, for as long as it is the same; not who has only just begun. */
  gaps(): string {
    const nodes = this.#routed().map((node) => ({ ...node, report: node.report ?? NOTHING_YET }))
    const state = programmedState(nodes, { routes: '0', tables: '0' }, undefined)
    return `${state.reason} ${state.message}`
  }

  /** An agent has left its node: the next one of a rolling update comes soon, and its sidecars are asked for meanwhile. */
  agentLeft(node: string): void {
    this.#left.set(node, performance.now())
  }

  #routed(): readonly RoutedNode[] {
    const now = performance.now()
    for (const [node, at] of this.#left) if (now - at > SUCCESSION_MS) this.#left.delete(node)
    if (this.#left.size > 0) this.#nodes = undefined
    this.#nodes ??= [...this.#view.nodes.values()].map(({ metadata: { name }, ready }) => {
      const report = this.#view.reports.get(undefined, name)?.status
      return { name, ready, agent: this.#hasAgent(name, report !== undefined), report }
    })
    return this.#nodes
  }

  /** One that has never run there has no sidecars that could be behind. */
  #hasAgent(node: string, hasReported: boolean): boolean {
    if (hasReported && this.#left.has(node)) return true
    return [...this.#view.agents.by('node', node)].some(({ running }) => running || hasReported)
  }
}
