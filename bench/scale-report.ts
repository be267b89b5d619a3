// The report of the measurement at scale, and its lines of growth.

import type { Fit } from './results/result.ts'
import type { ScaleResult, Step } from './scale.ts'
import { carriedOn, straightLine } from './scale/fit.ts'
import { formatTable, number } from './table.ts'

const MEGABYTE = 1e6
const KILOBYTE = 1e3
/** Nodes that the growth is carried on to. */
export const FAR = 1000

export interface Growth {
  readonly name: string
  readonly subject: string
  readonly unit: string
  readonly of: (step: Step) => number
}

export const GROWTH: readonly Growth[] = [
  { name: 'propagation', subject: 'p50', unit: 'ms', of: ({ p50 }) => p50 },
  { name: 'propagation', subject: 'p99', unit: 'ms', of: ({ p99 }) => p99 },
  { name: 'writes per change', subject: 'API server', unit: '', of: ({ perChange }) => perChange.writes },
  {
    name: 'sent to watchers per change',
    subject: 'API server',
    unit: 'kB',
    of: ({ perChange }) => perChange.eventBytes / KILOBYTE,
  },
  { name: 'CPU per change', subject: 'API server', unit: 'ms', of: ({ perChange }) => perChange.apiServerCpuMs },
  { name: 'CPU per change', subject: 'controller', unit: 'ms', of: ({ perChange }) => perChange.controllerCpuMs },
  { name: 'memory', subject: 'API server', unit: 'MB', of: ({ memory }) => memory.apiServer / MEGABYTE },
  { name: 'memory', subject: 'etcd', unit: 'MB', of: ({ memory }) => memory.etcd / MEGABYTE },
  { name: 'memory', subject: 'controller', unit: 'MB', of: ({ memory }) => memory.controller / MEGABYTE },
  { name: 'memory', subject: 'all agents', unit: 'MB', of: ({ memory }) => memory.agents / MEGABYTE },
]

export function pointsOf({ steps }: ScaleResult, { of }: Growth): readonly (readonly [number, number])[] {
  return steps.map((step) => [step.nodes, of(step)] as const)
}

export function formatScale(result: ScaleResult): string {
  const { sandboxes, takeOverMs, takeOverWrites, steps } = result
  const storms = formatTable(
    ['nodes', 'p50 ms', 'p99 ms', 'last p50', 'writes', 'events', 'kB sent', 'API CPU ms', 'ctl CPU ms', 'storm s'],
    steps.map(({ nodes, p50, p99, lastP50, stormMs, perChange }) => [
      String(nodes),
      number(p50),
      number(p99),
      number(lastP50),
      number(perChange.writes),
      number(perChange.events),
      number(perChange.eventBytes / KILOBYTE),
      number(perChange.apiServerCpuMs),
      number(perChange.controllerCpuMs),
      number(stormMs / 1000),
    ]),
  )
  const growth = formatTable(
    ['growth', 'of', 'at first', 'per node', 'r²', `at ${FAR} nodes`],
    GROWTH.map((each) => growthRow(each, straightLine(pointsOf(result, each)))),
  )
  return [
    `${sandboxes} sandboxes; a controller took over in ${number(takeOverMs / 1000)} s with ${takeOverWrites} writes`,
    '',
    storms,
    '',
    growth,
  ].join('\n')
}

function growthRow({ name, subject, unit }: Growth, fit: Fit): readonly string[] {
  const far = carriedOn(fit, FAR)
  const values = [number(fit.a), number(fit.b, 4), number(fit.r2, 3), far === undefined ? '–' : number(far, 0)]
  return [`${name}${unit === '' ? '' : `, ${unit}`}`, subject, ...values]
}
