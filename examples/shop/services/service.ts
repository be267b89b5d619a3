// Runs one service of the shop: an HTTP server that answers JSON, keeps the context of each request, and reports spans.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { formatJson } from './json-page.ts'
import { baggageValue, extract, spanIds, startSpan } from './propagation.ts'
import { type Caller, Upstream, UpstreamError } from './upstream.ts'

/** Longer than clients keep a connection that rests: one that a server closes may just be carrying the next request. Milliseconds. */
const REST_MS = 75_000

export interface Service {
  readonly name: string
  /** The services that it calls; where they are comes from the environment. */
  readonly calls: readonly string[]
  /** What answers `GET` of a path. */
  readonly get: Readonly<Record<string, (url: URL, upstream: Upstream) => object | Promise<object>>>
}

export interface ServiceConfig extends Caller {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** For how long it goes on when it is told to stop, each answer the last one on its connection: callers go elsewhere meanwhile. */
  readonly drainSeconds: number
}

export interface RunningService {
  readonly port: number
  /** Lets requests that are being served finish. */
  stop(): Promise<void>
}

/** Resolves when it listens; rejects with the system's error if it cannot. */
export async function startService(service: Service, config: ServiceConfig): Promise<RunningService> {
  let draining = false
  const server = createServer((request, response) => {
    if (draining) response.shouldKeepAlive = false
    void answer(service, config, request, response)
  })
  server.keepAliveTimeout = REST_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : config.port,
    stop: async () => {
      draining = true
      if (config.drainSeconds > 0) await sleep(config.drainSeconds * 1000)
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(service: Service, config: ServiceConfig, request: IncomingMessage, response: ServerResponse) {
  const start = performance.timeOrigin + performance.now()
  const url = URL.parse(request.url ?? '/', 'http://localhost')
  if (url === null) return send(response, 400, { error: 'The target is not a URL' })
  if (url.pathname === '/healthz') return send(response, 200, { ok: true })

  const incoming = extract(request.headers)
  const context = startSpan(incoming)
  const upstream = new Upstream(config, context)
  const { status, body } = await handle(service, url, request.method ?? 'GET', upstream)
  await upstream.settled()
  send(response, status, { service: config.name, variant: config.variant, ...body, path: upstream.path })

  const parentId = trace.getSpanContext(incoming)?.spanId
  const keys = baggageValue(incoming, 'sidetrack')
  config.report({
    ...spanIds(context),
    ...(parentId === undefined ? {} : { parentId }),
    kind: 'server',
    service: config.name,
    variant: config.variant,
    status,
    calls: upstream.calls,
    start,
    ms: performance.timeOrigin + performance.now() - start,
    ...(keys === undefined ? {} : { keys }),
  })
}

async function handle(service: Service, url: URL, method: string, upstream: Upstream) {
  const handler = service.get[url.pathname]
  if (handler === undefined) return { status: 404, body: { error: `${service.name} has no ${url.pathname}` } }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { error: `${method} is not possible here` } }
  try {
    return { status: 200, body: await handler(url, upstream) }
  } catch (error) {
    if (error instanceof UpstreamError) return { status: error.status, body: { error: error.message } }
    console.error(error)
    return { status: 500, body: { error: `${service.name} failed` } }
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${formatJson(body)}\n`
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
