// What a measurement is held to (the design's budgets), and whether it meets it.

export interface Budget {
  readonly what: string
  readonly measured: number
  readonly limit: number
  readonly unit: string
}

export function isMet(budget: Budget): boolean {
  return budget.measured <= budget.limit
}

/** One line; what could not be measured is neither met nor missed. */
export function formatBudget(budget: Budget): string {
  const { what, measured, limit, unit } = budget
  if (!Number.isFinite(measured)) return `not measured  ${what}`
  const digits = limit === 0 || limit >= 100 ? 0 : 2
  return `${isMet(budget) ? 'met   ' : 'MISSED'}  ${what}: ${measured.toFixed(digits)}${unit} (≤ ${limit}${unit})`
}
