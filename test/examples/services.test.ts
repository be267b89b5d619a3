import { createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { cart } from '../../examples/shop/services/cart.ts'
import { cart as cartPr42 } from '../../examples/shop/services/cart-pr-42.ts'
import { catalog } from '../../examples/shop/services/catalog.ts'
import { pricing } from '../../examples/shop/services/pricing.ts'
import { pricing as pricingPr57 } from '../../examples/shop/services/pricing-pr-57.ts'
import { readConfig } from '../../examples/shop/services/program.ts'
import { type Service, startService } from '../../examples/shop/services/service.ts'
import type { Span } from '../../examples/shop/services/span.ts'
import { storefront } from '../../examples/shop/services/storefront.ts'
import { flatten, type Hop } from '../../examples/shop/path.ts'
import { Traces } from '../../examples/shop/traces.ts'

interface Page {
  readonly cart: readonly { readonly title: string; readonly quantity?: number; readonly price: string }[]
  readonly total: string
  readonly error?: string
  readonly path: readonly {
    readonly from: string
    readonly to: string
    readonly variant?: string
    readonly fault?: string
  }[]
}

/** A shop without sidecars, on free ports, in this process. */
async function openShop(
  t: Test,
  { cart: cartService = cart, pricing: pricingService = pricing, pricingUrl = '' } = {},
) {
  const spans: Span[] = []
  let onPath: ((path: Hop) => void) | undefined
  const traces = new Traces(
    ({ service, kind }) => kind === 'server' && service === 'storefront',
    ({ path }) => onPath?.(path),
  )
  const report = (span: Span) => {
    spans.push(span)
    traces.add(span)
  }
  const start = async (service: Service, urls: Readonly<Record<string, string>>) => {
    const config = {
      name: service.name,
      variant: 'baseline',
      host: '127.0.0.1',
      port: 0,
      drainSeconds: 0,
      urls,
      report,
    }
    const running = await startService(service, config)
    t.teardown(() => running.stop())
    return `http://127.0.0.1:${running.port}`
  }
  const urls = {
    pricing: pricingUrl === '' ? await start(pricingService, {}) : pricingUrl,
    catalog: await start(catalog, {}),
  }
  const url = await start(storefront, { cart: await start(cartService, urls) })
  return {
    url,
    spans,
    /** The page, and its path when that is whole. */
    async visit(headers: Readonly<Record<string, string>> = {}) {
      const whole = new Promise<Hop>((resolve) => (onPath = resolve))
      const response = await fetch(`${url}/`, { headers })
      const page: Page = JSON.parse(await response.text())
      return { status: response.status, page, path: await whole }
    },
  }
}

async function listen(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

t.test('trace and baggage reach every service, other members included', async (t) => {
  const seen: (string | undefined)[] = []
  const pricingUrl = await listen(t, (request, response) => {
    seen.push(String(request.headers['baggage']), String(request.headers['traceparent']).split('-')[1])
    response.end('{"prices":[],"variant":"local"}')
  })
  const shop = await openShop(t, { pricingUrl })
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  await fetch(shop.url, {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, baggage: 'user=ann , sidetrack=pr-42.pr-57;strict' },
  }).then((response) => response.text())
  t.same(seen, ['user=ann,sidetrack=pr-42.pr-57;strict', traceId])
  const servers = shop.spans.filter(({ kind }) => kind === 'server')
  t.same(new Set(servers.map(({ service }) => service)), new Set(['catalog', 'cart', 'storefront']))
  for (const span of shop.spans) t.equal(span.traceId, traceId)
  for (const span of servers) t.equal(span.keys, 'pr-42.pr-57')
})

t.test('the page shows the cart, and the same path as the spans', async (t) => {
  const shop = await openShop(t)
  const { status, page, path } = await shop.visit()
  t.equal(status, 200)
  t.equal(page.total, '102.00 EUR')
  t.same(page.cart[0], { title: 'Darjeeling first flush, 100 g', quantity: 2, price: '25.00 EUR' })
  const steps = page.path.map(({ from, to, variant }) => `${from} ${to} ${variant}`)
  t.same(steps, ['storefront cart baseline', 'cart pricing baseline', 'cart catalog baseline'])
  t.same(
    flatten(path)
      .slice(1)
      .map(({ caller, service, variant }) => `${caller} ${service} ${variant}`),
    steps,
  )
  t.equal(
    shop.spans.some(({ keys }) => keys !== undefined),
    false,
    'no keys where none were sent',
  )
})

t.test('each fork changes the price, and both do so together', async (t) => {
  const total = async (services: { cart?: Service; pricing?: Service }) =>
    (await (await openShop(t, services)).visit()).page
  t.match(await total({ cart: cartPr42 }), {
    total: '96.90 EUR',
    cart: { 3: { title: 'Welcome discount, 5 %', price: '-5.10 EUR' } },
  })
  t.match(await total({ pricing: pricingPr57 }), { total: '99.35 EUR', cart: { length: 3 } })
  t.match(await total({ cart: cartPr42, pricing: pricingPr57 }), { total: '94.38 EUR', cart: { length: 4 } })
})

t.test('a refusal by Sidetrack comes through to the page with its code and reason', async (t) => {
  const pricingUrl = await listen(t, (request, response) => {
    t.match(request.headers['accept'], /json/)
    response.writeHead(503, { 'sidetrack-error': 'ST1101', 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ title: 'The fork is not ready', detail: 'The image cannot be pulled.' }))
  })
  const shop = await openShop(t, { pricingUrl })
  const { status, page, path } = await shop.visit()
  t.equal(status, 503)
  t.equal(page.error, 'The fork is not ready (ST1101). The image cannot be pulled.')
  t.match(flatten(path), [
    { service: 'storefront', variant: 'baseline', status: 503 },
    { service: 'cart', variant: 'baseline', status: 503, fault: undefined },
    { service: 'pricing', variant: undefined, status: 503, fault: 'ST1101' },
    { service: 'catalog', variant: 'baseline', status: 200 },
  ])
})

t.test('an upstream that is down, hangs up or talks nonsense is named in a 502', async (t) => {
  const answers: Readonly<Record<string, RequestListener>> = {
    ECONNRESET: (request) => request.socket.resetAndDestroy(),
    SyntaxError: (_request, response) => response.end('<html>'),
  }
  for (const [code, listener] of Object.entries(answers)) {
    const shop = await openShop(t, { pricingUrl: await listen(t, listener) })
    const { status, page } = await shop.visit()
    t.same([status, page.error], [502, `pricing did not answer: ${code}`])
  }
  const shop = await openShop(t, { pricingUrl: 'http://127.0.0.1:1' })
  t.match(await shop.visit(), { status: 502, page: { error: /^pricing did not answer: / } })
})

t.test('a process of the user’s own in the place of a service may answer what it likes', async (t) => {
  const pricingUrl = await listen(t, (_request, response) =>
    response.end('{"prices":[{"sku":"tea","quantity":1,"sum":100}]}'),
  )
  const { page, path } = await (await openShop(t, { pricingUrl })).visit()
  t.equal(page.total, '1.00 EUR')
  t.same(page.path[1]?.variant, '?')
  t.match(flatten(path)[2], { service: 'pricing', variant: '?' })
})

t.test('what a service does not have is a plain answer, whatever the target', async (t) => {
  const shop = await openShop(t)
  t.equal((await fetch(`${shop.url}/nothing`)).status, 404)
  t.equal((await fetch(`${shop.url}/`, { method: 'POST' })).status, 405)
  t.equal((await fetch(`${shop.url}//`)).status, 400)
  t.same(await (await fetch(`${shop.url}/healthz`)).json(), { ok: true })
})

t.test('a service is configured by its environment alone', async (t) => {
  t.match(readConfig(cart, {}), {
    port: 8080,
    host: '0.0.0.0',
    name: 'cart',
    variant: 'baseline',
    urls: { pricing: 'http://pricing' },
  })
  t.match(readConfig(cart, { PORT: '9', VARIANT: 'pr-1', CATALOG_URL: 'http://x:1/' }), {
    port: 9,
    variant: 'pr-1',
    urls: { catalog: 'http://x:1' },
  })
  t.match(readConfig(cart, { PORT: 'http' }), /^PORT is not a port: http$/)
  t.match(readConfig(cart, { PORT: '70000' }), /PORT/)
  t.match(readConfig(cart, { PRICING_URL: 'nowhere' }), /^PRICING_URL is not a URL: nowhere$/)
})
