// The report of the controller measurement, and the budgets.

import { type Budget, formatBudget } from './budget.ts'
import type { Changes, ControllerResult, Cost } from './controller.ts'
import { formatTable, number } from './table.ts'

const MEGABYTE = 1e6
const KILOBYTE = 1e3
/** What a change may cost more among all than among few: its own noise, and what others do meanwhile. */
const PROPORTION = 2

export function controllerBudgets({ sandboxes, few, many, rss, restart }: ControllerResult): readonly Budget[] {
  const dearer = Math.max(
    ...(['created', 'changed', 'deleted'] as const).map((which) => many[which].writes / Math.max(1, few[which].writes)),
  )
  return [
    { what: `RSS with ${sandboxes} sandboxes`, measured: rss / MEGABYTE, limit: 300, unit: ' MB' },
    { what: 'RSS after taking over', measured: restart.rss / MEGABYTE, limit: 300, unit: ' MB' },
    { what: 'a new route is written, the longest', measured: many.routeMs, limit: 1000, unit: ' ms' },
    { what: 'its addresses are written, the longest', measured: many.addressMs, limit: 1000, unit: ' ms' },
    { what: `writes among ${sandboxes}, times those among few`, measured: dearer, limit: PROPORTION, unit: '' },
  ]
}

function row(label: string, among: number, { writes, sent, received, cpuMs }: Cost): readonly string[] {
  return [label, String(among), number(writes), number(sent / KILOBYTE), number(received / KILOBYTE), number(cpuMs)]
}

function rows({ among, created, changed, deleted }: Changes): readonly (readonly string[])[] {
  return [row('created', among, created), row('changed', among, changed), row('deleted', among, deleted)]
}

export function formatController(result: ControllerResult): string {
  const { few, many, rss, peak, restart } = result
  const costs = formatTable(
    ['one sandbox', 'among', 'writes', 'kB sent', 'kB received', 'CPU ms'],
    [...rows(few), ...rows(many)],
  )
  const lines = [
    `first:     RSS ${number(rss / MEGABYTE)} MB, peak ${number(peak / MEGABYTE)} MB`,
    `take-over: ${number(restart.ms / 1000)} s, ${restart.writes} writes, RSS ${number(restart.rss / MEGABYTE)} MB, peak ${number(restart.peak / MEGABYTE)} MB`,
    ...[few, many].map(
      ({ among, routeMs, addressMs }) =>
        `among ${among}: route after ${number(routeMs)} ms, addresses after ${number(addressMs)} ms at most`,
    ),
  ]
  return [costs, '', ...lines, '', ...controllerBudgets(result).map(formatBudget)].join('\n')
}
