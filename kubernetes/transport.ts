// HTTP/1.1 to the API server: requests over a few connections that are kept, streams on connections of their own.

import { Client, Pool, type Dispatcher } from 'undici'
import type { Credentials, Shown, TlsMaterial } from './credentials/credentials.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

export interface HttpStream {
  readonly status: number
  readonly retryAfter: string | undefined
  /** Ends the connection when it is left. Throws if nothing comes for the time that was asked for. */
  readonly body: AsyncIterable<Buffer> & { text(): Promise<string> }
  close(): void
}

/** More requests than this at once wait for each other. */
const CONNECTIONS = 4
/** Below the 90 s after which the API server closes idle connections. */
const KEEP_ALIVE_MS = 60_000
const CONNECT_MS = 10_000
/** The API server ends requests after 60 s itself. */
const ANSWER_MS = 65_000
/** A peer that vanished is found by the kernel before a watch is missed for long. */
const TCP_KEEP_ALIVE_MS = 30_000

export class Transport {
  readonly #credentials: Credentials
  readonly #origin: string
  readonly #prefix: string
  #pool: { readonly tls: TlsMaterial; readonly pool: Pool } | undefined

  constructor(credentials: Credentials) {
    const url = new URL(credentials.server)
    this.#credentials = credentials
    this.#origin = url.origin
    this.#prefix = url.pathname.replace(/\/$/, '')
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const shown = await this.#credentials.current()
    const answer = await this.#poolFor(shown.tls).request(this.#options(request, shown))
    return { ...head(answer), text: await answer.body.text() }
  }

  /** `silenceMs`: how long nothing may come before it is given up. */
  async stream(request: HttpRequest, silenceMs: number): Promise<HttpStream> {
    const shown = await this.#credentials.current()
    const client = new Client(this.#origin, { ...connection(shown.tls), bodyTimeout: silenceMs })
    try {
      const answer = await client.request(this.#options(request, shown))
      return { ...head(answer), body: answer.body, close: () => void client.destroy() }
    } catch (error) {
      void client.destroy()
      throw error
    }
  }

  /** Ends what is open; requests in progress fail. */
  async close(): Promise<void> {
    const open = this.#pool
    this.#pool = undefined
    await open?.pool.destroy()
  }

  #options(request: HttpRequest, shown: Shown): Dispatcher.RequestOptions {
    return {
      method: request.method,
      path: `${this.#prefix}${request.path}`,
      headers: { ...request.headers, ...shown.headers },
      body: request.body ?? null,
      signal: request.signal ?? null,
    }
  }

  #poolFor(tls: TlsMaterial): Pool {
    if (this.#pool?.tls === tls) return this.#pool.pool
    void this.#pool?.pool.close()
    const pool = new Pool(this.#origin, { ...connection(tls), connections: CONNECTIONS, bodyTimeout: ANSWER_MS })
    this.#pool = { tls, pool }
    return pool
  }
}

function connection(tls: TlsMaterial): Client.Options {
  return {
    allowH2: false,
    connect: { ...tls, timeout: CONNECT_MS, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: ANSWER_MS,
  }
}

function head(answer: Dispatcher.ResponseData): { readonly status: number; readonly retryAfter: string | undefined } {
  const retryAfter = answer.headers['retry-after']
  return { status: answer.statusCode, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter }
}
