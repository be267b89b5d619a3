// A route table is a Map from keys to routes, whatever is done to it in whatever order.

import fc from 'fast-check'
import t from 'tap'
import { RouteTable } from '../../core/route-table.ts'
import type { Route } from '../../core/route.ts'

const key = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => `pr-${n}`),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/),
)
const address = fc.record({
  host: fc.oneof(fc.ipV4(), fc.constantFrom('::1', 'fd00::7', '0.0.0.0', '255.255.255.255')),
  port: fc.integer({ min: 1, max: 65_535 }),
})
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    key,
    addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
    ready: fc.constant(true),
    reason: fc.constant(''),
    unready: fc.constantFrom('fail' as const, 'baseline' as const),
  }),
  fc.record({
    key,
    addresses: fc.constant([]),
    ready: fc.constant(false),
    reason: fc.string(),
    unready: fc.constantFrom('fail' as const, 'baseline' as const),
  }),
)
const step = fc.oneof(
  { weight: 3, arbitrary: route.map((each) => ({ put: each })) },
  { weight: 2, arbitrary: key.map((each) => ({ drop: each })) },
)

t.test('a table holds exactly what was put and not dropped', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const table = new RouteTable()
      const model = new Map<string, Route>()
      for (const each of steps) {
        if ('put' in each) {
          table.set(each.put)
          model.set(each.put.key, each.put)
        } else if (table.delete(each.drop) !== model.delete(each.drop)) return false
      }
      const held = new Map([...table.routes()].map((each) => [each.key, each]))
      return (
        table.size === model.size &&
        held.size === model.size &&
        [...model].every(([name, each]) => same(table.get(name), each) && same(held.get(name), each))
      )
    }),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('who goes through a table while it changes misses nothing that stays', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 5 }), (steps, stride) => {
      const table = new RouteTable()
      const stays = Array.from({ length: 20 }, (_, n) => `stays-${n}`)
      for (const name of stays) table.set(usual(name, 1))
      const seen = new Set<string>()
      let next = 0
      for (const each of table.routes()) {
        seen.add(each.key)
        for (const change of steps.slice(next, next + stride)) {
          if ('put' in change) table.set(change.put)
          else table.delete(change.drop)
        }
        next += stride
      }
      return stays.every((name) => seen.has(name))
    }),
    { numRuns: 500 },
  )
  t.pass('in 500 tables')
})

t.test('a hundred thousand routes that come, change and go leave an empty table that works', async (t) => {
  const table = new RouteTable()
  const put = (n: number, port: number) => table.set(usual(`pr-${n}`, port))
  for (let n = 0; n < 100_000; n++) put(n, 80)
  for (let n = 0; n < 100_000; n += 2) put(n, 81)
  t.equal(table.size, 100_000)
  t.strictSame(
    [table.get('pr-99998'), table.get('pr-99999')].map((each) => each?.addresses[0]?.port),
    [81, 80],
  )
  for (let n = 0; n < 100_000; n++) table.delete(`pr-${n}`)
  t.equal(table.size, 0)
  for (let round = 0; round < 1000; round++) {
    put(1, round + 1)
    table.delete('pr-1')
  }
  t.equal(table.get('pr-1'), undefined)
})

function usual(name: string, port: number): Route {
  return { key: name, addresses: [{ host: '10.0.0.1', port }], ready: true, reason: '', unready: 'fail' }
}

function same(a: Route | undefined, b: Route): boolean {
  return (
    JSON.stringify(a) ===
    JSON.stringify({ key: b.key, addresses: b.addresses, ready: b.ready, reason: b.reason, unready: b.unready })
  )
}
