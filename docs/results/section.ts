// What docs/benchmarks.md says of one result: how to repeat it, its figures, its plots.

import type { Figure, Result, Series } from '../../bench/results/result.ts'
import { markdownTable } from './markdown-table.ts'
import { short, withUnit } from './number.ts'
import { barPlot, linePlot } from './plot.ts'

export interface Plot {
  /** In docs/benchmarks. */
  readonly file: string
  readonly title: string
  readonly svg: string
}

/** Of which figures there are bars; one with fewer than two subjects has none. */
const BARS = [
  'CPU per request',
  'added p50',
  'added p99',
  'added p50 at 500/s',
  'added p99 at 500/s',
  'memory of a pod',
  'time until a pod is ready',
  'GET 4 × 8: CPU per stream',
]

export function plotsOf({ bench, figures, series }: Result): readonly Plot[] {
  const lines = grouped(series, (each) => each.name).map(([name, group]): Plot => {
    const title = `${name} by ${group[0]?.x.name ?? ''}`
    return { file: `${bench}-${slug(title)}.svg`, title, svg: linePlot(title, group) }
  })
  const bars = BARS.flatMap((name) => {
    const group = figures.filter((each) => each.name === name)
    const [first] = group
    if (first === undefined || group.length < 2) return []
    const svg = barPlot(name, first.unit, group.map(bar))
    return [{ file: `${bench}-${slug(name)}.svg`, title: name, svg }]
  })
  return [...bars, ...lines]
}

function bar({ subject, median, values }: Figure) {
  return { name: subject, value: median, least: Math.min(...values), most: Math.max(...values) }
}

export function section(result: Result): string {
  const plots = plotsOf(result).map(({ file, title }) => `![${title}](benchmarks/${file})\n`)
  return [
    provenance(result),
    ...plots,
    ...plain(result.figures.filter(({ budget }) => budget === undefined)),
    ...judged(result.figures),
    ...result.series.flatMap(fitLine),
  ].join('\n')
}

function provenance({ command, commit, date, machine, versions, settings }: Result): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const how = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  return [
    `\`${command}\`, ${date.slice(0, 10)}, commit \`${commit}\`; ${machine.cpu}, ${machine.cores} cores,`,
    `Linux ${machine.kernel}, Node ${machine.versions['node']}, load ${machine.load.toFixed(2)} before it.`,
    `${how.length > 0 ? `Settings: ${how.join(', ')}. ` : ''}${used.length > 0 ? `Versions: ${used.join(', ')}.` : ''}\n`,
  ].join('\n')
}

function plain(figures: readonly Figure[]): readonly string[] {
  const wide = alike(figures)
  const rows = figures
    .filter((each) => !wide.flat(2).includes(each))
    .map(({ name, subject, unit, median, values }) => [
      name,
      subject,
      withUnit(median, unit),
      values.length < 2 ? '' : `${short(Math.min(...values))}–${short(Math.max(...values))}`,
    ])
  const list = rows.length === 0 ? [] : [markdownTable(['Figure', 'Of', 'Median', 'Least–most'], rows, 2)]
  return [...list, ...wide.map(wideTable)]
}

/** So many things of which the same was measured once are shown side by side. */
const SIDE_BY_SIDE = 3

/** For each such group, the figures of each thing in it. */
function alike(figures: readonly Figure[]): readonly (readonly (readonly Figure[])[])[] {
  const things = grouped(figures, ({ subject }) => subject).map(([, group]) => group)
  const singles = things.filter((group) => group.length > 1 && group.every(({ values }) => values.length < 2))
  return grouped(singles, (group) => group.map(({ name }) => name).join('\n'))
    .map(([, group]) => group)
    .filter(({ length }) => length >= SIDE_BY_SIDE)
}

function wideTable(things: readonly (readonly Figure[])[]): string {
  const names = things[0]?.map(({ name }) => name) ?? []
  const rows = things.map((group) => [
    group[0]?.subject ?? '',
    ...group.map(({ median, unit }) => withUnit(median, unit)),
  ])
  return markdownTable(['', ...names], rows, 1)
}

function judged(figures: readonly Figure[]): readonly string[] {
  const rows = figures.flatMap(({ name, subject, unit, median, budget }) => {
    if (budget === undefined) return []
    const most = `${withUnit(budget.most, unit)}${budget.of === undefined ? '' : ` of ${budget.of}`}`
    return [[`${name}, ${subject}`, withUnit(median, unit), most, median <= budget.most ? 'met' : '**missed**']]
  })
  return rows.length === 0 ? [] : [markdownTable(['Held to', 'Measured', 'At most', ''], rows, 1)]
}

function fitLine({ name, subject, fit }: Series): readonly string[] {
  if (fit === undefined) return []
  const { formula, a, b, r2 } = fit
  return [`${name}, ${subject}: ${formula} with a = ${short(a)}, b = ${short(b)}, R² = ${r2.toFixed(3)}.\n`]
}

function grouped<T>(all: readonly T[], key: (each: T) => string): readonly (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(all, key)]
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}
