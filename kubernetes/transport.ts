// HTTP/1.1 to the API server: requests over a few connections that are kept, streams on connections of their own.

import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Credentials, Shown } from './credentials/credentials.ts'

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
  readonly body: AsyncIterable<Buffer>
  close(): void
}

/** How an answer failed to come: in the connection, before its head, or in the middle of it. */
export class SilenceError extends Error {
  readonly code: 'CONNECT_SILENCE' | 'HEAD_SILENCE' | 'BODY_SILENCE'

  constructor(code: SilenceError['code'], milliseconds: number) {
    super(`nothing for ${milliseconds} ms`)
    this.name = 'SilenceError'
    this.code = code
  }
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
  readonly #target: RequestOptions
  readonly #prefix: string
  readonly #request: (options: RequestOptions) => ClientRequest
  readonly #kept: NonNullable<RequestOptions['agent']>
  readonly #own: NonNullable<RequestOptions['agent']>
  readonly #connected = new WeakSet<Socket>()

  constructor({ server, proxy }: Pick<Credentials, 'server' | 'proxy'>) {
    const { protocol, hostname, port, pathname } = new URL(server)
    this.#prefix = pathname.replace(/\/$/, '')
    this.#target = { protocol, host: hostname.replaceAll(/^\[|\]$/g, ''), port }
    // An import of node:http would run the getters of all that it exports, one of which loads another HTTP client: 15 MB.
    const { Agent, request } =
      protocol === 'http:' ? process.getBuiltinModule('node:http') : process.getBuiltinModule('node:https')
    this.#request = request
    const proxyEnv = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }
    this.#kept = new Agent({ ...proxyEnv, keepAlive: true, maxSockets: CONNECTIONS, timeout: KEEP_ALIVE_MS })
    this.#own = new Agent({ ...proxyEnv, keepAlive: false })
  }

  async request(request: HttpRequest, shown: Shown): Promise<HttpAnswer> {
    const answer = await this.#send(request, shown, this.#kept)
    return { ...head(answer), text: await textOf(chunks(answer, ANSWER_MS)) }
  }

  /** `silenceMs`: how long nothing may come before it is given up. */
  async stream(request: HttpRequest, shown: Shown, silenceMs: number): Promise<HttpStream> {
    const answer = await this.#send(request, shown, this.#own)
    return { ...head(answer), body: chunks(answer, silenceMs), close: () => void answer.destroy() }
  }

  /** Ends what is open; requests in progress fail. */
  close(): void {
    for (const agent of [this.#kept, this.#own]) if (typeof agent === 'object') agent.destroy()
  }

  /** Resolves with the head of the answer. */
  #send({ method, path, headers, body, signal }: HttpRequest, shown: Shown, agent: RequestOptions['agent']) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const request = this.#request({
        ...this.#target,
        // Connections are kept apart by these.
        ...shown.tls,
        agent,
        method,
        path: `${this.#prefix}${path}`,
        headers: { ...headers, ...shown.headers, ...length },
        ...(signal === undefined ? {} : { signal }),
      })
      endSilence(request, this.#connected)
      request.once('response', resolve).once('error', reject).end(body)
      // What comes after the answer has begun is the answer's, too.
      request.on('error', () => {})
    })
  }
}

export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

/** Gives the request up if no connection or no answer comes. `connected`: sockets of which that is known. */
function endSilence(request: ClientRequest, connected: WeakSet<Socket>): void {
  let timer: NodeJS.Timeout | undefined
  const within = (milliseconds: number, code: SilenceError['code']) => {
    clearTimeout(timer)
    timer = setTimeout(() => request.destroy(new SilenceError(code, milliseconds)), milliseconds)
  }
  request.once('socket', (socket) => {
    if (connected.has(socket)) {
      within(ANSWER_MS, 'HEAD_SILENCE')
      return
    }
    within(CONNECT_MS, 'CONNECT_SILENCE')
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      connected.add(socket)
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS)
      within(ANSWER_MS, 'HEAD_SILENCE')
    })
  })
  request.once('response', () => clearTimeout(timer))
  request.once('close', () => clearTimeout(timer))
}

async function* chunks(answer: IncomingMessage, silenceMs: number): AsyncGenerator<Buffer> {
  const timer = setTimeout(() => answer.destroy(new SilenceError('BODY_SILENCE', silenceMs)), silenceMs)
  try {
    for await (const chunk of answer) {
      yield chunk
      timer.refresh()
    }
  } finally {
    clearTimeout(timer)
  }
}

function head({ statusCode, headers }: IncomingMessage): Pick<HttpAnswer, 'status' | 'retryAfter'> {
  return { status: statusCode ?? 0, retryAfter: headers['retry-after'] }
}
