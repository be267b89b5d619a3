import t from 'tap'
import { at, carriedOn, straightLine } from '../../bench/scale/fit.ts'

const cases: readonly (readonly [
  what: string,
  points: readonly (readonly [number, number])[],
  a: number,
  b: number,
  r2: number,
])[] = [
  [
    'points on a line',
    [
      [10, 25],
      [50, 105],
      [200, 405],
    ],
    5,
    2,
    1,
  ],
  [
    'points beside a line: the one with the smallest squares',
    [
      [0, 0],
      [1, 3],
      [2, 0],
      [3, 3],
    ],
    0.6,
    0.6,
    0.2,
  ],
  [
    'what does not grow',
    [
      [10, 7],
      [20, 7],
    ],
    7,
    0,
    1,
  ],
]

for (const [what, points, a, b, r2] of cases) {
  t.test(what, (t) => {
    const fit = straightLine(points)
    for (const [has, wanted] of [
      [fit.a, a],
      [fit.b, b],
      [fit.r2, r2],
    ] as const)
      t.ok(Math.abs(has - wanted) < 1e-9, `${has} is ${wanted}`)
    t.ok(Math.abs(at(fit, 1000) - a - 1000 * b) < 1e-6)
    t.end()
  })
}

t.test('what falls is not carried on', async (t) => {
  t.equal(carriedOn({ a: 10, b: 2 }, 1000), 2010)
  t.equal(carriedOn({ a: 10, b: 0 }, 1000), 10)
  t.equal(carriedOn({ a: 10, b: -0.1 }, 1000), undefined)
})
