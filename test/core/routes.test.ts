import t from 'tap'
import { RouteTable } from '../../core/route-table.ts'
import { type Route, routeFromText, routeToText } from '../../core/route.ts'

const ready = (key: string, ...addresses: readonly [string, number][]): Route => ({
  key,
  addresses: addresses.map(([host, port]) => ({ host, port })),
  ready: true,
  reason: '',
  unready: 'fail',
})

const ROUTES: Readonly<Record<string, Route>> = {
  'one address': ready('a', ['10.0.0.7', 8080]),
  'the lowest address': ready('a', ['0.0.0.0', 1]),
  'the highest address': ready('a', ['255.255.255.255', 65_535]),
  'an address over 2^31': ready('a', ['192.168.255.1', 65_535]),
  'two addresses': ready('a', ['10.0.0.7', 1], ['10.0.0.8', 2]),
  'an IPv6 address': ready('a', ['fd00::7', 8080]),
  'not ready': { ...ready('a'), ready: false, reason: 'pulling an image' },
  'not ready with an address': { ...ready('a', ['10.0.0.7', 1]), ready: false, reason: 'x' },
  'the baseline while it is not ready': { ...ready('a', ['10.0.0.7', 1]), unready: 'baseline' },
}

for (const [what, route] of Object.entries(ROUTES)) {
  t.test(`a route with ${what} is kept and written as it is`, async (t) => {
    const table = new RouteTable()
    table.set(route)
    t.strictSame(table.get('a'), route)
    t.strictSame([...table.routes()], [route])
    t.strictSame(routeFromText(routeToText(route)), route)
  })
}

t.test('a table holds one route per key', async (t) => {
  const table = new RouteTable()
  const [first, second] = [ready('a', ['10.0.0.1', 1]), ready('a', ['10.0.0.2', 2])]
  table.set(first)
  table.set(second)
  table.set(ready('b', ['10.0.0.3', 3]))
  t.equal(table.size, 2)
  t.strictSame(table.get('a'), second)
  t.ok(table.delete('a'))
  t.notOk(table.delete('a'))
  t.equal(table.get('a'), undefined)
  t.equal(table.get('__proto__'), undefined)
  t.equal(table.size, 1)
})

t.test('defaults are not written', async (t) => {
  t.strictSame(routeToText(ready('a', ['10.0.0.7', 80])), { key: 'a', addresses: ['10.0.0.7:80'] })
})

t.test('a text that is no route is refused', async (t) => {
  t.equal(routeFromText({ key: 'a', addresses: [] }), undefined, 'ready without an address')
  t.equal(routeFromText({ key: 'a', addresses: ['cart:80'] }), undefined, 'a name')
  t.equal(routeFromText({ key: 'a', addresses: ['10.0.0.7:80', '10.0.0.8'] }), undefined, 'one address of two')
  t.ok(routeFromText({ key: 'a', addresses: [], ready: false }))
})
