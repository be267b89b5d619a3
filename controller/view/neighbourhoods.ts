// What stands around the baselines of a namespace, put together once for all of its sandboxes.

import type { NetworkPolicy } from '../../kubernetes/resources/builtin.ts'
import type { BaselineSurroundings } from '../sandbox/about-baseline.ts'
import type { Surroundings } from '../sandbox/derive.ts'
import type { SelectorInUse } from '../sandbox/fork-labels.ts'
import type { View } from './view.ts'

/** All but the claims of volumes, which are asked for one by one. */
export type Neighbourhood = Omit<Surroundings, 'claims'>

export class Neighbourhoods {
  readonly #view: View
  readonly #known = new Map<string, Neighbourhood>()
  #open: readonly NetworkPolicy[] | undefined

  constructor(view: View) {
    this.#view = view
  }

  of(namespace: string): Neighbourhood {
    let found = this.#known.get(namespace)
    if (found === undefined) this.#known.set(namespace, (found = this.#look(namespace)))
    return found
  }

  /** Something of the namespace is different that is no sandbox's. */
  forget(namespace: string): void {
    this.#known.delete(namespace)
  }

  /** A NetworkPolicy is different that may be about pods of other namespaces. */
  forgetPolicies(): void {
    this.#open = undefined
    this.#known.clear()
  }

  #look(namespace: string): Neighbourhood {
    const view = this.#view
    const workloads = [
      ...[...view.deployments.by('theirs', namespace)].map((each) => each.unpacked()),
      ...[...view.statefulSets.by('theirs', namespace)].map((each) => each.unpacked()),
      ...[...view.rollouts.by('theirs', namespace)].map((each) => each.unpacked()),
    ]
    return {
      services: [...view.services.by('theirs', namespace)].map((each) => each.unpacked()),
      policies: [...view.policies.by('theirs', namespace)].map((each) => each.unpacked()),
      namespaceLabels: view.namespaces.get(undefined, namespace)?.metadata.labels ?? {},
      workloads: workloads.map(({ metadata, spec }) => ({
        name: metadata.name,
        labels: spec?.template?.metadata?.labels ?? {},
      })),
      selectors: [
        ...workloads.flatMap(({ kind, metadata, spec }): SelectorInUse[] =>
          spec?.selector === undefined ? [] : [{ of: `${kind} ${metadata.name}`, selector: spec.selector }],
        ),
        ...[...view.budgets.values(namespace)].map(({ metadata, selector }) => ({
          of: `PodDisruptionBudget ${metadata.name}`,
          selector,
        })),
      ],
      scalers: this.#scalers(namespace),
      foreignPolicies: this.#openPolicies().filter(({ metadata }) => metadata.namespace !== namespace),
      pluginPolicies: [],
    }
  }

  #scalers(namespace: string): BaselineSurroundings['scalers'] {
    return new Map([...this.#view.scalers.values(namespace)].map(({ metadata, target }) => [target, metadata.name]))
  }

  /** NetworkPolicies that speak of pods of other namespaces. */
  #openPolicies(): readonly NetworkPolicy[] {
    this.#open ??= [...this.#view.policies.values()].filter(isOpen).map((each) => each.unpacked())
    return this.#open
  }
}

/** Whether it may be about pods of other namespaces. */
export function isOpen({ text }: { readonly text: string }): boolean {
  return text.includes('"namespaceSelector"')
}
