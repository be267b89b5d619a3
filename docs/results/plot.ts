// Plots as SVG: lines over an axis, and bars beside each other. They are read on light and on dark pages, so they bring their own ground.

import { type Axis, type Fit, type Series } from '../../bench/results/result.ts'
import { type Scale, scaleFor } from './axis.ts'
import { short } from './number.ts'

const WIDTH = 760
const LEFT = 72
const RIGHT = 24
const TOP = 44
const FONT = 13
/** Told apart by people who see red and green alike too. */
const COLOURS = ['#3b82f6', '#e8820c', '#0f9d76', '#c026a3', '#8b6f00', '#64748b']
const STYLE = `
text { font: ${FONT}px system-ui, sans-serif; fill: #24292f }
.ground { fill: #ffffff }
.grid { stroke: #d0d7de }
.axis { stroke: #57606a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ground { fill: #0d1117 }
  .grid { stroke: #30363d }
  .axis { stroke: #8b949e }
}`

/** All series have the same axes. */
export function linePlot(title: string, series: readonly Series[]): string {
  const [first] = series
  if (first === undefined) throw new Error(`a plot without a series: ${title}`)
  const height = 380
  const bottom = height - 48 - series.length * 20
  const points = series.flatMap((each) => each.points)
  const x = scaleFor(
    points.map(([value]) => value),
    Math.min(...points.map(([value]) => value)),
  )
  const y = scaleFor(points.map(([, value]) => value))
  const at = ([px, py]: readonly [number, number]): string =>
    `${one(LEFT + x.position(px) * (WIDTH - LEFT - RIGHT))},${one(bottom - y.position(py) * (bottom - TOP))}`
  const lines = series.map(({ subject, points: own, fit }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? ''
    const dots = own.map((point) => {
      const [cx, cy] = at(point).split(',')
      return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`
    })
    const legend = height - (series.length - index) * 20 + 4
    return [
      `<polyline points="${own.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      `<rect x="${LEFT}" y="${legend - 10}" width="14" height="10" fill="${colour}"/>`,
      label(LEFT + 22, legend, `${subject}${fit === undefined ? '' : ` (${fitText(fit)})`}`),
    ].join('\n')
  })
  const frame = [
    label(
      LEFT,
      20,
      first.name === first.y.name ? axisName({ ...first.y, name: title }) : `${title}: ${axisName(first.y)}`,
      'start',
      true,
    ),
    ...gridLines(y, bottom),
    ...x.marks.map((mark) =>
      label(one(LEFT + x.position(mark) * (WIDTH - LEFT - RIGHT)), bottom + 18, short(mark), 'middle'),
    ),
    label(WIDTH - RIGHT, bottom + 36, axisName(first.x), 'end'),
    `<line class="axis" x1="${LEFT}" y1="${bottom}" x2="${WIDTH - RIGHT}" y2="${bottom}"/>`,
  ]
  return document(height, title, [...frame, ...lines])
}

export interface Bar {
  readonly name: string
  readonly value: number
  readonly least: number
  readonly most: number
}

/** Bars from 0, each with its value and a line from the least to the most of its rounds. */
export function barPlot(title: string, unit: string, bars: readonly Bar[]): string {
  const step = 30
  const left = 16 + Math.max(...bars.map(({ name }) => name.length)) * 7
  const right = 76
  const height = TOP + bars.length * step + 12
  const scale = scaleFrom0(bars)
  const at = (value: number): number => one(left + scale.position(value) * (WIDTH - left - right))
  const rows = bars.map(({ name, value, least, most }, index) => {
    const y = TOP + index * step
    const end = Math.max(at(value), at(most))
    return [
      label(left - 8, y + 15, name, 'end'),
      `<rect x="${at(0)}" y="${y + 2}" width="${one(Math.max(0, at(value) - at(0)))}" height="18" fill="${COLOURS[name.startsWith('Sidetrack') || name.startsWith('sidetrack') ? 0 : 5]}"/>`,
      `<line class="axis" x1="${at(least)}" y1="${y + 11}" x2="${at(most)}" y2="${y + 11}"/>`,
      label(end + 6, y + 15, `${short(value)}${unit === '' ? '' : ` ${unit}`}`),
    ].join('\n')
  })
  return document(height, title, [label(16, 20, title, 'start', true), ...rows])
}

/** Bars say how much by their length, so their axis is never logarithmic. */
function scaleFrom0(bars: readonly Bar[]): Scale {
  const all = bars.flatMap(({ value, least, most }) => [value, least, most])
  const [from, to] = [Math.min(0, ...all), Math.max(...all, 1e-12)]
  return { position: (value) => (value - from) / (to - from), marks: [] }
}

function gridLines(scale: Scale, bottom: number): readonly string[] {
  return scale.marks.map((mark) => {
    const y = one(bottom - scale.position(mark) * (bottom - TOP))
    const line = `<line class="grid" x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}"/>`
    return `${line}\n${label(LEFT - 8, one(y + 4), short(mark), 'end')}`
  })
}

function axisName({ name, unit }: Axis): string {
  return unit === '' ? name : `${name}, ${unit}`
}

function fitText({ formula, a, b, r2 }: Fit): string {
  return `${formula}: a ${short(a)}, b ${short(b)}, R² ${r2.toFixed(3)}`
}

function label(x: number, y: number, text: string, anchor = 'start', bold = false): string {
  const weight = bold ? ' font-weight="600"' : ''
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${weight}>${escaped(text)}</text>`
}

function document(height: number, title: string, parts: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`
  const ground = `<rect class="ground" width="${WIDTH}" height="${height}"/>`
  return `${[open, `<style>${STYLE}\n</style>`, ground, ...parts, '</svg>'].join('\n')}\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function one(value: number): number {
  return Number(value.toFixed(1))
}
