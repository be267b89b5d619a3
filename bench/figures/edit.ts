// The figures of edits under load.

import { type EditResult, editBudgets } from '../edit.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

export function editFigures(result: EditResult): readonly Figure[] {
  const { edits } = result
  return [
    figure(
      'first answer of the new variant',
      'sidetrack',
      'ms',
      edits.map(({ firstNew }) => firstNew),
    ),
    figure(
      'last answer of the old variant',
      'sidetrack',
      'ms',
      edits.map(({ lastOld }) => lastOld),
    ),
    ...budgetFigures(editBudgets(result), 'budgets of sidetrack'),
  ]
}
