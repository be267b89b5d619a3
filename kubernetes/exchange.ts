// One request and its answer: credentials renewed when refused, a busy server asked again, every failure a KubernetesError.

import { setTimeout as sleep } from 'node:timers/promises'
import { VERSION } from '../runtime/version.ts'
import type { Credentials, Shown } from './credentials/credentials.ts'
import { errorOfCredentials, errorOfFailure } from './failure.ts'
import { type Call, KubernetesError, errorOfAnswer, errorOfBody } from './kubernetes-error.ts'
import { type HttpAnswer, type HttpRequest, type HttpStream, Transport, textOf } from './transport.ts'

export interface Message {
  readonly method: HttpRequest['method']
  /** With the query. */
  readonly path: string
  readonly body?: object | undefined
  /** Of the body; plain JSON if not given. */
  readonly type?: 'application/apply-patch+yaml' | 'application/merge-patch+json' | undefined
  readonly signal?: AbortSignal | undefined
}

/** A server that is busy or not ready says when to come back, and has done nothing yet: so often it is asked at most. */
const BUSY_TRIES = 5
const USER_AGENT = `sidetrack/${VERSION}`

export class Exchange {
  readonly #credentials: Credentials
  readonly #transport: Transport

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    this.#transport = new Transport(credentials)
  }

  /** The object that the API server answers with. Throws a KubernetesError, or the signal's reason. */
  async send<R>(call: Call, message: Message): Promise<R> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the resource says the type of what is served at its path
    return parse(call, await this.#answer(call, message)) as R
  }

  /** As `send`, for an answer that is no object. */
  async text(call: Call, message: Message): Promise<string> {
    return (await this.#answer(call, message)).text
  }

  async #answer(call: Call, message: Message): Promise<HttpAnswer> {
    const { signal } = message
    const request = httpRequest(message)
    for (let tries = 1; ; tries++) {
      const answer = await this.#again(call, request)
      if (isGood(answer.status)) return answer
      const error = errorOfAnswer(call, answer.status, answer.text, answer.retryAfter)
      const isBusy = answer.status === 429 || answer.status >= 500
      if (!isBusy || error.retryAfterSeconds === undefined || tries === BUSY_TRIES) throw error
      await sleep(error.retryAfterSeconds * 1000, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }

  /** As `send`, for an answer that goes on; nothing for `silenceMs` ends it with an error. */
  async stream(call: Call, message: Message, silenceMs: number): Promise<HttpStream> {
    const request = httpRequest(message)
    const stream = await this.#ask(call, message.signal, (shown) => this.#transport.stream(request, shown, silenceMs))
    if (isGood(stream.status)) return stream
    const text = await textOf(stream.body).catch((error: unknown) => {
      message.signal?.throwIfAborted()
      throw errorOfFailure(call, this.#credentials.server, error)
    })
    throw errorOfAnswer(call, stream.status, text, stream.retryAfter)
  }

  /** Ends all connections that are kept. */
  close(): void {
    this.#transport.close()
  }

  /** Once more if the connection was lost: one that was kept may end just when it is used again. Reading twice does no harm. */
  async #again(call: Call, request: HttpRequest): Promise<HttpAnswer> {
    const once = () => this.#ask(call, request.signal, (shown) => this.#transport.request(request, shown))
    return once().catch((error: unknown) => {
      if (request.method === 'GET' && error instanceof KubernetesError && error.reason === 'Lost') return once()
      throw error
    })
  }

  /** Once more if the API server, or its certificate, was refused and there is something else to show or to trust by now. */
  async #ask<A extends HttpAnswer | HttpStream>(
    call: Call,
    signal: AbortSignal | undefined,
    action: (shown: Shown) => Promise<A>,
  ): Promise<A> {
    for (let renewed = false; ; renewed = true) {
      signal?.throwIfAborted()
      const shown = await this.#show(call, signal)
      const renew = async () => !renewed && unlessAborted(signal, this.#credentials.renew(shown))
      try {
        const answer = await action(shown)
        if (answer.status !== 401 || !(await renew())) return answer
        if ('close' in answer) answer.close()
      } catch (error) {
        signal?.throwIfAborted()
        const failure = errorOfFailure(call, this.#credentials.server, error)
        if (failure.reason !== 'Untrusted' || !(await renew())) throw failure
      }
    }
  }

  async #show(call: Call, signal: AbortSignal | undefined): Promise<Shown> {
    try {
      return await unlessAborted(signal, this.#credentials.current())
    } catch (error) {
      signal?.throwIfAborted()
      throw errorOfCredentials(call, error)
    }
  }
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300
}

/** A plugin that gives credentials takes no signal: it is left behind. */
async function unlessAborted<R>(signal: AbortSignal | undefined, action: Promise<R>): Promise<R> {
  if (signal === undefined) return action
  const end = Promise.withResolvers<never>()
  const abort = () => end.reject(signal.reason)
  signal.addEventListener('abort', abort)
  return Promise.race([action, end.promise]).finally(() => signal.removeEventListener('abort', abort))
}

function httpRequest({ method, path, body, type, signal }: Message): HttpRequest {
  const headers = { accept: 'application/json', 'user-agent': USER_AGENT }
  if (body === undefined) return { method, path, headers, signal }
  const withType = { ...headers, 'content-type': type ?? 'application/json' }
  return { method, path, headers: withType, body: JSON.stringify(body), signal }
}

function parse(call: Call, answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text)
  } catch (error) {
    throw errorOfBody(call, answer.status, answer.text, error)
  }
}
