// A straight line through points, by least squares.

import type { Fit } from '../results/result.ts'

/** `y = a + b·x`. `r2`: the share of the scatter that the line explains; 1 if there is none. */
export function straightLine(points: readonly (readonly [x: number, y: number])[]): Fit {
  const [x, y] = [mean(points.map(([each]) => each)), mean(points.map(([, each]) => each))]
  const sum = (term: (dx: number, dy: number) => number) =>
    points.reduce((all, [px, py]) => all + term(px - x, py - y), 0)
  const spread = sum((dx) => dx * dx)
  const b = spread === 0 ? 0 : sum((dx, dy) => dx * dy) / spread
  const a = y - b * x
  const scatter = sum((_, dy) => dy * dy)
  const left = points.reduce((all, [px, py]) => all + (py - a - b * px) ** 2, 0)
  return { formula: 'a + b·x', a, b, r2: scatter === 0 ? 1 : 1 - left / scatter }
}

export function at({ a, b }: Pick<Fit, 'a' | 'b'>, x: number): number {
  return a + b * x
}

/** What it comes to beyond the points; undefined if it falls: what shrank by chance would end below zero. */
export function carriedOn(line: Pick<Fit, 'a' | 'b'>, x: number): number | undefined {
  return line.b < 0 ? undefined : at(line, x)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
