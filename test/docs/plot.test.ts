import t from 'tap'
import { scaleFor } from '../../docs/results/axis.ts'
import { short } from '../../docs/results/number.ts'
import { barPlot, linePlot } from '../../docs/results/plot.ts'

t.test('an axis over more than a decade and a half is logarithmic, others are linear from 0', async (t) => {
  const wide = scaleFor([1, 10, 10_000])
  t.strictSame(wide.marks, [1, 10, 100, 1000, 10_000])
  t.strictSame(
    [1, 100, 10_000].map((value) => wide.position(value)),
    [0, 0.5, 1],
  )
  const narrow = scaleFor([4, 9.5])
  t.strictSame(narrow.marks, [0, 2, 4, 6, 8, 10])
  t.equal(narrow.position(5), 0.5)
})

t.test('numbers are shown with three digits', async (t) => {
  t.strictSame([0, 0.01234, 1.2345, 18.94, 182.6, 12_345].map(short), ['0', '0.0123', '1.23', '18.9', '183', '12,345'])
})

t.test('a line goes through its points, larger values higher', async (t) => {
  const axes = { x: { name: 'sandboxes', unit: '' }, y: { name: 'CPU', unit: 'µs' } }
  const points = [
    [1, 10],
    [100, 20],
    [10_000, 5],
  ] as const
  const svg = linePlot('cost', [{ name: 'cost', subject: 'a < b', ...axes, points }])
  const [, line = ''] = /polyline points="([^"]*)"/.exec(svg) ?? []
  const [first = [], second = [], third = []] = line.split(' ').map((each) => each.split(',').map(Number))
  t.ok((first[0] ?? 0) < (second[0] ?? 0) && (second[0] ?? 0) < (third[0] ?? 0))
  t.ok((second[1] ?? 0) < (first[1] ?? 0) && (first[1] ?? 0) < (third[1] ?? 0))
  t.match(svg, 'a &lt; b')
  t.match(svg, 'cost: CPU, µs')
})

t.test('bars are as long as their values', async (t) => {
  const bars = [
    { name: 'one', value: 10, least: 9, most: 11 },
    { name: 'two', value: 5, least: 5, most: 5 },
  ]
  const widths = [...barPlot('cost', 'µs', bars).matchAll(/y="\d+" width="([\d.]+)" height="18"/g)].map(([, width]) =>
    Number(width),
  )
  t.equal(widths.length, 2)
  t.ok(Math.abs((widths[0] ?? 0) / (widths[1] ?? 1) - 2) < 0.01)
})
