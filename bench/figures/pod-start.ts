// The figures of pods' starts with and without a sidecar.

import { podStartBudget, type PodStart } from '../pod-start.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

export function podStartFigures(starts: readonly PodStart[]): readonly Figure[] {
  const of = (injected: boolean): readonly number[] =>
    starts.filter((each) => each.injected === injected).map(({ ms }) => ms / 1000)
  return [
    figure('time until a pod is ready', 'without a sidecar', 's', of(false)),
    figure('time until a pod is ready', 'with a sidecar', 's', of(true)),
    ...budgetFigures([podStartBudget(starts)], 'budgets of sidetrack'),
  ]
}
