// The report of the comparison with Istio: its figures as a table, and what they are held to.

import { istioFigures } from '../figures/istio.ts'
import { formatTable, number } from '../table.ts'
import type { IstioResult } from './compare.ts'

export function formatIstio(result: IstioResult): string {
  const figures = istioFigures(result).filter(({ values }) => values.length > 0)
  const rows = figures.map(({ name, subject, unit, median, values, budget }) => [
    `${name}, ${subject}`,
    number(median, 2),
    `${number(Math.min(...values), 2)}–${number(Math.max(...values), 2)}`,
    unit,
    budget === undefined ? '' : `${median <= budget.most ? 'met' : 'MISSED'} (≤ ${budget.most})`,
  ])
  const refused = (result.many?.refused ?? []).map(
    ({ subject, sandboxes, why }) => `${subject}, ${sandboxes} sandboxes: ${why}`,
  )
  return [formatTable(['', 'median', 'least–most', 'unit', 'held to'], rows), ...refused].join('\n\n')
}

/** Answers that were wrong or missing, and sandboxes that were not right within their trial. */
export function countIstioFailures({ hops = [], many, twenty }: IstioResult): number {
  const loads = hops.flatMap(({ rates, full }) => [full.errors, ...rates.map(({ errors, wrong }) => errors + wrong)])
  const late = (twenty?.declared ?? []).filter(({ ms }) => Number.isNaN(ms)).length
  return [...loads, ...(many?.samples ?? []).map(({ errors }) => errors)].reduce((sum, each) => sum + each, late)
}
