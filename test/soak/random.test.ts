import { test } from 'tap'
import { Random } from './random.ts'
import { SharedRun } from './shared-run.ts'

const ALL = Array.from({ length: 20 }, (_, i) => i)

test('a seed repeats an order, and another one gives another', (t) => {
  t.same(new Random(7).shuffled(ALL), new Random(7).shuffled(ALL))
  t.notSame(new Random(7).shuffled(ALL), new Random(8).shuffled(ALL))
  t.same(
    new Random(7).shuffled(ALL).toSorted((a, b) => a - b),
    ALL,
  )
  t.end()
})

test('numbers lie where they have to', (t) => {
  const random = new Random(1)
  const numbers = Array.from({ length: 1000 }, () => random.between(2, 4))
  t.ok(numbers.every((each) => each >= 2 && each < 4))
  t.ok(Math.max(...numbers) > 3.9 && Math.min(...numbers) < 2.1)
  t.throws(() => random.pick([]), TypeError)
  t.end()
})

test('who asks while work runs gets the next run, together with all others who ask', async (t) => {
  const gates: (() => void)[] = []
  const work = new SharedRun(() => new Promise((resolve) => gates.push(resolve)))
  const first = work.run()
  const others = [work.run(), work.run()]
  t.equal(gates.length, 1)
  gates[0]?.()
  await first
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(gates.length, 2)
  gates[1]?.()
  await Promise.all(others)
})

test('work that fails fails for those who asked for it, and runs again', async (t) => {
  let runs = 0
  const work = new SharedRun(async () => {
    if (++runs === 1) throw new Error('once')
  })
  const first = work.run()
  const second = work.run()
  await t.rejects(first, { message: 'once' })
  await second
  t.equal(runs, 2)
})
