// The labels of a fork's pods: changed just as much as it takes for no selector of the baseline's to select them.

import { type LabelSelector, type Labels, selects } from '../../kubernetes/label-selector.ts'

/** A selector that somebody uses in the namespace. */
export interface SelectorInUse {
  /** For people: `Service cart`. */
  readonly of: string
  readonly selector: LabelSelector
}

export interface ForkLabels {
  readonly labels: Labels
  /** Who selects the fork all the same, since nothing can be done about it: `PodDisruptionBudget all`. */
  readonly selectedBy: readonly string[]
}

/** A change may make another selector match that wants a label not to be there; the second round sees to that. */
const ROUNDS = 3

/**
 * Every label that the baseline's own selector names gets `value`. Where another selector selects the fork still, one label that it names
 * is changed as well, the first by name.
 */
export function forkLabels(
  labels: Labels,
  own: LabelSelector,
  inUse: readonly SelectorInUse[],
  value: string,
): ForkLabels {
  const result = new Map(Object.entries(labels))
  for (const key of keysByValue(own)) if (result.has(key)) result.set(key, value)
  for (let round = 0; round < ROUNDS; round++) {
    for (const { selector } of inUse) if (selects(selector, Object.fromEntries(result))) escape(result, selector, value)
  }
  const changed = Object.fromEntries(result)
  return { labels: changed, selectedBy: inUse.filter(({ selector }) => selects(selector, changed)).map(({ of }) => of) }
}

function escape(labels: Map<string, string>, selector: LabelSelector, value: string): void {
  const [key] = keysByValue(selector)
  if (key !== undefined) {
    labels.set(key, value)
    return
  }
  const wanted = selector.matchExpressions?.find(({ operator }) => operator === 'Exists')
  if (wanted !== undefined) labels.delete(wanted.key)
}

/** Keys that are selected by what their value is. */
function keysByValue({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly string[] {
  const expressions = matchExpressions.filter(({ operator }) => operator === 'In').map(({ key }) => key)
  return [...new Set([...Object.keys(matchLabels), ...expressions])].toSorted()
}
