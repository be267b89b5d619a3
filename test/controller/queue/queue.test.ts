import t from 'tap'
import { Queue, type Work } from '../../../controller/queue/queue.ts'
import { until } from '../../fixtures/until.ts'

function start(handle: Work['handle'], change: Partial<Work> = {}) {
  const controller = new AbortController()
  const failures: number[] = []
  const queue = new Queue({
    handle,
    failed: (_key, _error, nextMs) => failures.push(nextMs),
    worked: () => {},
    concurrency: 2,
    backOff: { firstDelayMs: 1, longestDelayMs: 20 },
    ...change,
  })
  const done = queue.run(controller.signal)
  return { queue, failures, done, end: () => controller.abort() }
}

t.test('as many keys as allowed are worked on at a time, each by one', async (t) => {
  const gates: (() => void)[] = []
  const working: string[] = []
  const { queue, done, end } = start(async (key) => {
    working.push(key)
    await new Promise<void>((resolve) => gates.push(resolve))
    working.splice(working.indexOf(key), 1)
    return undefined
  })
  for (const key of ['a', 'b', 'c', 'a']) queue.add(key)
  t.strictSame(working, ['a', 'b'])
  t.equal(queue.depth, 1)
  gates[0]?.()
  await until(() => working.includes('c'))
  t.strictSame(working, ['b', 'c'], 'the second a waits for its turn')
  while (gates.length < 4) {
    for (const gate of gates) gate()
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const gate of gates) gate()
  await until(() => working.length === 0)
  end()
  await done
})

t.test('what fails is tried again, later each time, until it works', async (t) => {
  let tries = 0
  const { queue, failures, done, end } = start(async () => {
    if (++tries < 6) throw new Error('not yet')
    return undefined
  })
  queue.add('a')
  await until(() => tries === 6)
  t.equal(failures.length, 5)
  failures.forEach((delay, index) => t.ok(delay >= 2 ** index / 2 && delay <= 2 ** index, `${delay} ms`))
  end()
  await done
})

t.test('a key that wants to be looked at again is, after its time', async (t) => {
  const times: number[] = []
  const { queue, done, end } = start(async () => {
    times.push(performance.now())
    return times.length === 1 ? 30 : undefined
  })
  queue.add('a')
  await until(() => times.length === 2)
  t.ok((times[1] ?? 0) - (times[0] ?? 0) >= 29)
  end()
  await done
})

t.test('its end waits for what is being worked on, and begins nothing more', async (t) => {
  const gate = Promise.withResolvers<void>()
  const worked: string[] = []
  const { queue, done, end } = start(
    async (key) => {
      await gate.promise
      worked.push(key)
      return undefined
    },
    { concurrency: 1 },
  )
  queue.add('a')
  queue.add('b')
  end()
  let ended = false
  void done.then(() => (ended = true))
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(ended)
  gate.resolve()
  await done
  t.strictSame(worked, ['a'])
})
