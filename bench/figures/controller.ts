// The figures of the controller among few and among many sandboxes.

import type { Changes, ControllerResult } from '../controller.ts'
import { controllerBudgets } from '../controller-report.ts'
import { budgetFigures, figure } from '../results/figure.ts'
import type { Figure } from '../results/result.ts'

const MEGABYTE = 1e6
const KILOBYTE = 1e3
const CHANGES = ['created', 'changed', 'deleted'] as const

export function controllerFigures(result: ControllerResult): readonly Figure[] {
  const { few, many, rss, peak, restart } = result
  return [
    figure('RSS', 'controller', 'MB', [rss / MEGABYTE]),
    figure('RSS peak', 'controller', 'MB', [peak / MEGABYTE]),
    ...[few, many].flatMap((changes) => CHANGES.flatMap((which) => costs(changes, which))),
    ...[few, many].flatMap(delays),
    figure('time to take over', 'controller', 's', [restart.ms / 1000]),
    figure('writes to take over', 'controller', '', [restart.writes]),
    ...budgetFigures(controllerBudgets(result), 'budgets of the controller'),
  ]
}

function among({ among: count }: Changes): string {
  return `among ${count} sandboxes`
}

function costs(changes: Changes, which: (typeof CHANGES)[number]): readonly Figure[] {
  const { writes, cpuMs, received } = changes[which]
  return [
    figure(`writes, a sandbox ${which}`, among(changes), '', [writes]),
    figure(`CPU, a sandbox ${which}`, among(changes), 'ms', [cpuMs]),
    figure(`bytes received, a sandbox ${which}`, among(changes), 'kB', [received / KILOBYTE]),
  ]
}

function delays(changes: Changes): readonly Figure[] {
  return [
    figure('a new route is written, the longest', among(changes), 'ms', [changes.routeMs]),
    figure('its addresses are written, the longest', among(changes), 'ms', [changes.addressMs]),
  ]
}
