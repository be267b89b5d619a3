import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { readOptions } from '../../examples/shop/options.ts'
import { environmentOf, planShop, portsOf, shiftPorts } from '../../examples/shop/plan.ts'

const text = readFileSync(new URL('../../examples/shop/shop.yaml', import.meta.url), 'utf8')

interface RoutesFile {
  readonly services: readonly {
    readonly name: string
    readonly sidecar: string
    readonly listen: string
    readonly baseline: string
    readonly routes?: readonly { readonly key: string; readonly address?: string }[]
  }[]
}

t.test('shop.yaml says what the plan says, at any offset', async (t) => {
  for (const offset of [0, 10_000]) {
    const file: RoutesFile = parse(shiftPorts(text, offset))
    const plan = planShop(offset)
    t.same(
      file.services.map(({ name, sidecar, listen, baseline }) => ({ name, sidecar, listen, baseline })),
      plan.map(({ name, listen, runs }) => ({
        name,
        sidecar: name,
        listen: `127.0.0.1:${listen}`,
        baseline: `127.0.0.1:${runs.find(({ variant }) => variant === 'baseline')?.port}`,
      })),
    )
    for (const [index, { runs, missing }] of plan.entries()) {
      const forks = runs.filter(({ variant }) => variant !== 'baseline').map(({ variant, port }) => [variant, port])
      const expected = [...forks, ...missing.map(({ key, port }) => [key, port])].map(([key, port]) => [
        key,
        port === undefined ? undefined : `127.0.0.1:${port}`,
      ])
      t.same(
        (file.services[index]?.routes ?? []).map(({ key, address }) => [key, address]),
        expected,
      )
    }
  }
})

t.test('no two parts want the same port', async (t) => {
  const plan = planShop(0)
  const wanted = plan.flatMap(({ listen, runs, missing }) => [
    listen,
    ...runs.map(({ port }) => port),
    ...missing.flatMap(({ port }) => port ?? []),
  ])
  t.equal(new Set(wanted).size, wanted.length)
  t.same(new Set(portsOf(plan).keys()), new Set(wanted))
})

t.test('a service finds its upstreams behind their sidecars', async (t) => {
  const plan = planShop(100)
  const cart = plan[1]?.runs[1]
  if (cart === undefined) throw new Error('no fork of cart')
  t.match(environmentOf(cart, plan), {
    NAME: 'cart',
    VARIANT: 'pr-42',
    PORT: '8201',
    PRICING_URL: 'http://127.0.0.1:7102',
    CATALOG_URL: 'http://127.0.0.1:7103',
  })
})

t.test('options that cannot be understood are refused with a line that names them', async (t) => {
  t.match(readOptions(['--twice'], {}), /--twice/)
  t.match(readOptions(['again'], {}), /again/)
  t.match(readOptions(['--routes'], {}), /routes/)
  t.match(readOptions([], { SHOP_PORT_OFFSET: '-1' }), /SHOP_PORT_OFFSET/)
  t.match(readOptions([], { SHOP_PORT_OFFSET: '60000' }), /SHOP_PORT_OFFSET/)
  for (const bad of [['--twice'], ['again'], ['--routes']]) t.notMatch(readOptions(bad, {}), /\n/)
})

t.test('without options the demo runs shop.yaml on its own ports, until it is stopped', async (t) => {
  t.match(readOptions([], {}), { once: false, help: false, portOffset: 0, routes: /examples\/shop\/shop\.yaml$/ })
  t.match(readOptions(['--once', '--routes', 'x.yaml'], { SHOP_PORT_OFFSET: '7' }), {
    once: true,
    portOffset: 7,
    routes: 'x.yaml',
  })
})
