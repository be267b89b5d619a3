import { test } from 'tap'
import { coursesOf, type Sample } from './growth.ts'

const sample = (id: string, seconds: number, megabytes: number): Sample => ({
  component: 'agent',
  id,
  seconds,
  megabytes,
  files: 1,
})

test('the course of memory is that of the process that lived longest, once it has settled', (t) => {
  const samples = [
    sample('short', 0, 99),
    sample('short', 30, 120),
    sample('long', 15, 60),
    sample('long', 45, 70),
    sample('long', 75, 80),
    sample('long', 135, 81),
  ]
  t.same(coursesOf(samples), [
    {
      component: 'agent',
      seconds: 120,
      first: 80,
      last: 81,
      most: 120,
      points: [
        [15, 60],
        [45, 70],
        [75, 80],
        [135, 81],
      ],
    },
  ])
  t.end()
})

test('a component has one course', (t) => {
  const samples = [sample('one', 0, 1), { ...sample('two', 0, 2), component: 'sidecar' as const }]
  t.same(
    coursesOf(samples).map(({ component }) => component),
    ['agent', 'sidecar'],
  )
  t.end()
})
