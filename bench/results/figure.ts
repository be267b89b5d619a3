// Makes the figures of a result from raw values.

import type { Budget } from '../budget.ts'
import { median } from '../median.ts'
import type { Figure, Limit } from './result.ts'

/** Without values it was not measured, and is not kept; a round without a value is left out. */
export function figure(name: string, subject: string, unit: string, raw: readonly number[], budget?: Limit): Figure {
  const values = raw.filter((value) => Number.isFinite(value)).map(rounded)
  const found = { name, subject, unit, median: rounded(median(values)), values }
  return budget === undefined ? found : { ...found, budget }
}

/** What a report judges, as figures of their own. */
export function budgetFigures(budgets: readonly Budget[], subject: string): readonly Figure[] {
  return budgets.map(({ what, measured, limit, unit }) =>
    figure(what, subject, unit.trim(), [measured], { most: limit }),
  )
}

/** Six digits tell more than any measurement here can. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
