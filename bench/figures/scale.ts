// The figures of the measurement at scale, and its lines of growth.

import { figure } from '../results/figure.ts'
import type { Figure, Series } from '../results/result.ts'
import { FAR, GROWTH, pointsOf } from '../scale-report.ts'
import type { ScaleResult } from '../scale.ts'
import { carriedOn, straightLine } from '../scale/fit.ts'

export function scaleFigures(result: ScaleResult): readonly Figure[] {
  const largest = result.steps.at(-1)
  return [
    figure('time to take over', 'controller', 's', [result.takeOverMs / 1000]),
    figure('writes to take over', 'controller', '', [result.takeOverWrites]),
    ...GROWTH.flatMap((each) => {
      const subject = (nodes: number) => `${each.subject}, ${nodes} nodes`
      const carried = carriedOn(straightLine(pointsOf(result, each)), FAR)
      return [
        figure(each.name, subject(largest?.nodes ?? 0), each.unit, largest === undefined ? [] : [each.of(largest)]),
        ...(carried === undefined ? [] : [figure(each.name, `${subject(FAR)}, by the line`, each.unit, [carried])]),
      ]
    }),
  ]
}

export function scaleSeries(result: ScaleResult): readonly Series[] {
  return GROWTH.map((each) => ({
    name: each.name,
    subject: each.subject,
    x: { name: 'nodes', unit: '' },
    y: { name: each.name, unit: each.unit },
    points: pointsOf(result, each),
    fit: straightLine(pointsOf(result, each)),
  }))
}
