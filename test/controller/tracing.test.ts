import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { CONTROLLER_SETTINGS } from '../../controller/config.ts'
import { NO_TRACING, startTracing } from '../../controller/tracing.ts'
import { freePorts } from '../fixtures/free-port.ts'

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string
        readonly attributes: readonly Attribute[]
        readonly status: { readonly code?: number }
        readonly events: readonly { readonly name: string }[]
      }[]
    }[]
  }[]
}

const values = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))

t.test('a collector gets a span of every look, and learns of those that failed', async (t) => {
  const bodies: Sent[] = []
  const collector = createServer((request, response) => void take(request, response))
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    bodies.push(JSON.parse(await text(request)) as Sent)
    response.setHeader('content-type', 'application/json').end('{}')
  }
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  t.teardown(() => collector.close())
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`

  const tracing = await startTracing(url, 'controller-1', '1.2.3')
  t.equal(await tracing.look('Sandbox', 'Sandbox shop/pr-42', () => Promise.resolve(7)), 7)
  await t.rejects(
    tracing.look('Table', 'Table shop/cart', () => Promise.reject(new Error('conflict'))),
    /conflict/,
  )
  await tracing.close()

  const resources = bodies.flatMap(({ resourceSpans }) => resourceSpans)
  t.match(values(resources[0]?.resource.attributes ?? []), {
    'service.name': 'sidetrack-controller',
    'service.version': '1.2.3',
    'service.instance.id': 'controller-1',
  })
  const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  t.match(
    spans.map(({ name, attributes, status, events }) => ({
      name,
      target: values(attributes)['sidetrack.target'],
      failed: status.code === 2,
      events: events.map((event) => event.name),
    })),
    [
      { name: 'reconcile Sandbox', target: 'shop/pr-42', failed: false, events: [] },
      { name: 'reconcile Table', target: 'shop/cart', failed: true, events: ['exception'] },
    ],
  )
})

t.test('a collector that is away disturbs no look', async (t) => {
  const [port = 0] = await freePorts(1)
  const tracing = await startTracing(`http://127.0.0.1:${port}/v1/traces`, 'controller-1', '1.2.3')
  t.equal(await tracing.look('Sandbox', 'Sandbox shop/pr-42', () => Promise.resolve(7)), 7)
})

t.test('without a collector nothing of OpenTelemetry is loaded', async (t) => {
  t.equal(await NO_TRACING.look('Sandbox', 'Sandbox shop/pr-42', () => Promise.resolve(7)), 7)
  const file = path.join(import.meta.dirname, '../../controller/reconcile/reconciler.ts')
  const hook = `import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ resolve: (name, context, next) => { if (name.includes('opentelemetry')) seen.push(name); return next(name, context) } })
    await import(${JSON.stringify(file)})
    console.log(JSON.stringify(seen))`
  t.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', hook], { encoding: 'utf8' }).trim(), '[]')
})

t.test('where spans go is an address of HTTP, or nowhere', async (t) => {
  const { parse } = CONTROLLER_SETTINGS.traces
  t.equal(parse(''), '')
  t.equal(parse('http://collector:4318/v1/traces'), 'http://collector:4318/v1/traces')
  for (const wrong of ['collector:4318', 'grpc://a', 'x']) t.throws(() => parse(wrong), /must be an address/)
})
