import t from 'tap'
import { median, percentile, spread } from '../../bench/median.ts'

t.test('the median of an odd number of values is the middle one, whatever their order', (t) => {
  t.equal(median([9, 1, 5]), 5)
  t.end()
})

t.test('the median of an even number of values is the mean of the two middle ones', (t) => {
  t.equal(median([4, 1, 2, 100]), 3)
  t.end()
})

t.test('values are sorted as numbers, and not in place', (t) => {
  const values = [10, 9, 100]
  t.equal(median(values), 10)
  t.same(values, [10, 9, 100])
  t.end()
})

t.test('nothing has no median and no percentile', (t) => {
  t.ok(Number.isNaN(median([])))
  t.ok(Number.isNaN(percentile([], 0.5)))
  t.end()
})

t.test('a spread shows the extremes', (t) => {
  t.same(spread([3, 1, 2]), { median: 2, min: 1, max: 3 })
  t.end()
})

t.test('a percentile is a value that was measured, by nearest rank', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  t.equal(percentile(hundred, 0.5), 50)
  t.equal(percentile(hundred, 0.99), 99)
  t.equal(percentile(hundred, 1), 100)
  t.equal(percentile(hundred, 0), 1)
  t.equal(percentile([7], 0.99), 7)
  t.end()
})
