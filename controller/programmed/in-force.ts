// How far the nodes are with tables and routes: from their reports, what the kubelets say and where agents run.

import type { Programmed } from '../../kubernetes/resources/sandbox.ts'
import type { View } from '../view/view.ts'
import { type ProgrammedState, type RoutedNode, programmedState } from './programmed.ts'

export class InForce {
  readonly #view: View
  #nodes: readonly RoutedNode[] | undefined
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

  /** Whoever is left out, for as long as it is the same. */
  gaps(): string {
    const state = programmedState(this.#routed(), { routes: '0', tables: '0' }, undefined)
    return `${state.reason} ${state.message}`
  }

  #routed(): readonly RoutedNode[] {
    this.#nodes ??= [...this.#view.nodes.values()].map(({ metadata: { name }, ready }) => ({
      name,
      ready,
      agent: this.#view.agents.by('node', name).size > 0,
      report: this.#view.reports.get(undefined, name)?.status,
    }))
    return this.#nodes
  }
}
