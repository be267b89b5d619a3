// `sidetrack trace` on one machine: real services, sidecars and agent; what passes is drawn, what is cut is said.

import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { sidetrackHere } from '../fixtures/cli-process.ts'
import { freePorts } from '../fixtures/free-port.ts'
import { type SidetrackProcess, sidetrack } from '../fixtures/sidetrack-process.ts'
import { until } from '../fixtures/until.ts'

interface Call {
  readonly port: number
  readonly protocol?: 'h2c'
}

/** A service that calls others and sends on what `carry` makes of the baggage that it got. */
async function service(
  t: Test,
  calls: readonly Call[],
  carry: (baggage: string) => string | undefined = (baggage) => baggage,
): Promise<{ readonly address: string; readonly got: readonly string[] }> {
  const got: string[] = []
  const serve = async (baggage: string): Promise<void> => {
    got.push(baggage)
    const sent = carry(baggage)
    const headers: Record<string, string> = sent === undefined ? {} : { baggage: sent }
    for (const { port, protocol } of calls) await (protocol === 'h2c' ? call2(port, headers) : call1(port, headers))
  }
  const plain = http.createServer((request, response) => {
    void serve(String(request.headers.baggage ?? '')).then(() => response.end('ok'))
  })
  const sessions = http2.createServer((request, response) => {
    void serve(String(request.headers['baggage'] ?? '')).then(() => response.end('ok'))
  })
  const server = calls.length === 0 && carry === H2_SERVICE ? sessions : plain
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const address = server.address()
  return { address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, got }
}

/** Marks the one that speaks HTTP/2. */
const H2_SERVICE = (baggage: string) => baggage

/** As OpenTelemetry for Python sends baggage on. */
function encoded(baggage: string): string {
  return baggage.replaceAll(';', '%3B').replaceAll(/(?<=%3B\w+)=/g, '%3D')
}

async function call1(port: number, headers: Record<string, string>): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}/to/${port}?secret=1`, { headers })).text()
}

async function call2(port: number, headers: Record<string, string>): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  const stream = session.request({ ':path': '/rpc?secret=1', ':method': 'POST', ...headers }).resume()
  stream.end()
  await once(stream, 'end')
  session.close()
}

interface Shop {
  readonly run: SidetrackProcess
  readonly entry: string
  readonly services: Readonly<Record<string, Awaited<ReturnType<typeof service>>>>
  /** What `sidetrack trace` says. */
  readonly trace: (...args: readonly string[]) => ReturnType<typeof sidetrackHere>
}

/** front → cart → pricing (HTTP/2), front → catalog; cart has a fork pr-42. Cart does to the header what a member of it says. */
async function openShop(t: Test): Promise<Shop> {
  const [front = 0, cart = 0, pricing = 0, catalog = 0] = await freePorts(4)
  const services = {
    front: await service(t, [{ port: cart }, { port: catalog }]),
    cart: await service(t, [{ port: pricing, protocol: 'h2c' }], carried),
    fork: await service(t, [{ port: pricing, protocol: 'h2c' }], carried),
    pricing: await service(t, [], H2_SERVICE),
    catalog: await service(t, []),
  }
  const file = path.join(t.testdir({}), 'shop.yaml')
  writeFileSync(
    file,
    [
      'services:',
      `- { name: front, listen: "127.0.0.1:${front}", baseline: "${services.front.address}" }`,
      `- name: cart`,
      `  listen: 127.0.0.1:${cart}`,
      `  baseline: ${services.cart.address}`,
      `  routes: [{ key: pr-42, address: "${services.fork.address}" }, { key: bad, ready: false, reason: "no image" }]`,
      `- { name: pricing, listen: "127.0.0.1:${pricing}", baseline: "${services.pricing.address}" }`,
      `- { name: catalog, listen: "127.0.0.1:${catalog}", baseline: "${services.catalog.address}" }`,
      '',
    ].join('\n'),
  )
  const run = sidetrack(t, 'run', file)
  await run.ready()
  const agent = /^admin +http:\/\/(\S+?)\/$/m.exec(run.output.stdout)?.[1] ?? ''
  const trace = (...args: readonly string[]) => sidetrackHere(['trace', ...args, `--agent=${agent}`])
  return { run, entry: `http://127.0.0.1:${front}/`, services, trace }
}

function carried(baggage: string): string | undefined {
  if (baggage.includes('cart=drops')) return undefined
  return baggage.includes('cart=encodes') ? encoded(baggage) : baggage
}

t.test('sidetrack trace', async (t) => {
  const { run: shop, entry, trace, services } = await openShop(t)

  const unreported = async () => {
    const [sidecar] = (await shop.page('/sidecars')).body as readonly { readonly events?: Record<string, number> }[]
    return sidecar?.events?.['hop-unreported'] ?? 0
  }

  await t.test('the tree has every hop with variant, status and time, on HTTP/1 and HTTP/2', async (t) => {
    const run = await trace(entry, '--key=pr-42')
    t.equal(run.code, 0, run.stderr)
    const lines = run.stdout.split('\n')
    t.match(lines[0], /^GET http:\S+ {2}200 {2}[\d.]+ ms/)
    t.match(lines[1], /^└─ front +baseline +GET \/ +200 {2}[\d.]+ ms$/)
    t.match(lines[2], /^ {3}├─ cart +pr-42 +GET \/to\/\d+ +200 {2}[\d.]+ ms$/)
    t.match(lines[3], /^ {3}│ {2}└─ pricing +baseline +POST \/rpc +200 {2}[\d.]+ ms$/)
    t.match(lines[4], /^ {3}└─ catalog +baseline +GET \/to\/\d+ +200 {2}[\d.]+ ms$/)
    t.notMatch(run.stdout, 'secret', 'a query is nobody’s business')
    t.match(services['pricing']?.got.at(-1), /^sidetrack=pr-42;trace=[0-9a-f]{32}\.[0-9a-f]{10}$/)
  })

  await t.test('where a service drops the header the tree ends, and that is said', async (t) => {
    const { stdout } = await trace(entry, '--key=pr-42', '-H', 'baggage: cart=drops')
    t.match(stdout, /cart \(pr-42\) was reached with the key; no call that left it carried it\n {4}→ .*baggage header/)
    t.notMatch(stdout, /pricing/)
  })

  await t.test('a request of others is found by the id that it was sent with', async (t) => {
    await fetch(entry, { headers: { baggage: 'user=alice;x=y, sidetrack=pr-42;strict;trace=mine' } })
    const { code, stdout } = await trace('--id=mine', '-o', 'json')
    t.equal(code, 0)
    const { hops } = JSON.parse(stdout) as {
      hops: readonly { joined: string; hop: { service: string; fork: string } }[]
    }
    t.same(
      hops.map(({ joined, hop: { service: name, fork } }) => [name, fork, joined]),
      [
        ['front', '', 'first'],
        ['cart', 'pr-42', 'known'],
        ['pricing', '', 'known'],
        ['catalog', '', 'known'],
      ],
    )
  })

  await t.test('other members and properties, and untraced requests, pass as they were', async (t) => {
    const untouched = 'a=1;p=q , sidetrack=pr-42;strict;traced=no,b=2'
    await (await fetch(entry, { headers: { baggage: untouched } })).text()
    t.equal(services['pricing']?.got.at(-1), untouched)
    await (await fetch(entry, { headers: { baggage: 'a=1;p=q,sidetrack=pr-42;strict;trace=x;c,b=2' } })).text()
    t.match(services['pricing']?.got.at(-1), /^a=1;p=q,sidetrack=pr-42;strict;c;trace=x\.[0-9a-f]+,b=2$/)
  })

  await t.test('a propagator that encodes properties into the value loses neither key nor trace', async (t) => {
    const { stdout } = await trace(entry, '--key=pr-42', '-H', 'baggage: cart=encodes')
    t.match(stdout, /│ {2}└─ pricing/)
  })

  await t.test('a request that nobody may answer is drawn with the error', async (t) => {
    const { stdout } = await trace(entry, '--key=bad')
    t.match(stdout, /cart +- +GET \S+ +503 ST1101/)
    t.match(stdout, /answered by the sidecar itself: ST1101/)
  })

  await t.test('an id that nobody has seen is said so', async (t) => {
    t.match(await trace('--id=nobody'), { code: 1, stderr: /No sidecar has reported this request/ })
  })

  await t.test('more than a sidecar reports in a second pass all the same, and are counted', async (t) => {
    const statuses = new Set<number>()
    await until(async () => {
      const headers = { baggage: 'sidetrack=x;trace=many' }
      for (const { status } of await Promise.all(Array.from({ length: 40 }, () => fetch(entry, { headers }))))
        statuses.add(status)
      return (await unreported()) > 0
    })
    t.same(statuses, new Set([200]))
  })
})
