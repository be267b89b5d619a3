// The webhook's HTTPS server: POST /inject. It allows whatever it is asked about, and keeps its connections through a change of certificate.

import https from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Endpoint } from '../../runtime/config.ts'
import { listen } from '../../runtime/listen.ts'
import type { Log } from '../../runtime/log.ts'
import type { Identity } from '../certificates/identity.ts'
import type { AdmissionRequest } from './admission-review.ts'
import { formatAnswer, readReview } from './admission-review.ts'
import type { Injection } from './injection.ts'

export interface WebhookServer {
  readonly address: string
  /** From the next connection on. */
  serve(identity: Identity): void
  /** Every answer from now on asks its client for a new connection, which the Service leads elsewhere. */
  drain(): void
  /** Resolves when no request is left. */
  close(): Promise<void>
}

export interface ServerParts {
  readonly inject: (request: AdmissionRequest) => Injection
  readonly log: Log
  /** Called for every answered review, with what it took. */
  readonly answered: (injection: Injection, seconds: number) => void
  readonly handshakeFailed: () => void
}

/** The API server takes no object larger than 3 MiB; as JSON within a review it may be twice as large. */
export const LARGEST_REVIEW = 8 * 1024 * 1024

/** The API server waits 5 s for an answer, and keeps idle connections for 90 s: whoever closes first risks the other's next request. */
const REQUEST_MS = 5000
const IDLE_MS = 120_000

/** Throws ST2004 if the endpoint cannot be listened on. */
export async function startServer(endpoint: Endpoint, identity: Identity, parts: ServerParts): Promise<WebhookServer> {
  let draining = false
  const server = https.createServer({
    ...tlsOf(identity),
    minVersion: 'TLSv1.2',
    handshakeTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    headersTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: IDLE_MS,
  })
  server.on('tlsClientError', () => parts.handshakeFailed())
  server.on('request', (request, response) => {
    void answer(request, response, parts, () => !draining).catch((error: unknown) => {
      // Its client has gone; if not, it hears what any failed webhook says.
      parts.log.debug({ err: error }, 'a review was not answered')
      if (!response.headersSent) refuse(response, 500, 'The review could not be answered.')
    })
  })
  const address = await listen(server, endpoint, 'the webhook')
  return {
    address,
    serve: (next) => server.setSecureContext({ ...tlsOf(next), minVersion: 'TLSv1.2' }),
    drain() {
      draining = true
    },
    close: () =>
      new Promise((resolve) => {
        draining = true
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: ServerParts,
  goOn: () => boolean,
): Promise<void> {
  const start = performance.now()
  // The API server adds `?timeout=5s`.
  if ((request.url ?? '').split('?', 1)[0] !== '/inject') return refuse(response, 404, 'Reviews go to /inject.')
  if (request.method !== 'POST') return refuse(response, 405, 'Reviews are POSTed.', { allow: 'POST' })
  const body = await readBody(request)
  if (body === undefined) return refuse(response, 413, `A review has at most ${LARGEST_REVIEW} bytes.`)
  const question = readReview(body)
  if (question === undefined) return refuse(response, 400, 'This is no AdmissionReview of admission.k8s.io/v1.')
  const injection = injectOrIgnore(question, parts)
  const content = formatAnswer(question.uid, injection)
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(content),
    ...(goOn() ? {} : { connection: 'close' }),
  })
  response.end(content)
  parts.answered(injection, (performance.now() - start) / 1000)
}

/** A pod of a shape that nobody thought of is let through as it is. */
function injectOrIgnore(question: AdmissionRequest, parts: ServerParts): Injection {
  try {
    return parts.inject(question)
  } catch (error) {
    parts.log.error({ err: error, namespace: question.namespace, code: 'ST2006' }, 'a pod could not be looked at')
    return { outcome: 'ignored' }
  }
}

/** Undefined if it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_REVIEW) return undefined
  let size = 0
  let tooLarge = false
  const limited = async function* limited() {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      tooLarge = size > LARGEST_REVIEW
      if (tooLarge) return
      yield chunk
    }
  }
  const body = await text(limited())
  return tooLarge ? undefined : body
}

/** The connection ends, since what else came on it was not read. */
function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${message}\n`)
}

function tlsOf({ certificate, key }: Identity) {
  return { cert: certificate, key }
}
