// One request and its answer: credentials renewed when refused, a busy server asked again, every failure a KubernetesError.

import { setTimeout as sleep } from 'node:timers/promises'
import { VERSION } from '../runtime/version.ts'
import type { Credentials } from './credentials/credentials.ts'
import { errorOfFailure } from './failure.ts'
import { type Call, KubernetesError, errorOfAnswer, errorOfBody } from './kubernetes-error.ts'
import { type HttpAnswer, type HttpRequest, type HttpStream, Transport } from './transport.ts'

export interface Message {
  readonly method: HttpRequest['method']
  /** With the query. */
  readonly path: string
  readonly body?: object | undefined
  /** Of the body; plain JSON if not given. */
  readonly type?: 'application/apply-patch+yaml' | 'application/merge-patch+json' | undefined
  readonly signal?: AbortSignal | undefined
}

/** With 429 the API server has done nothing yet and says when to come back (priority and fairness): as often as this it is asked again. */
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
    const request = httpRequest(message)
    let renewed = false
    for (let busy = 0; ;) {
      const answer = await this.#once(call, request)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the resource says the type of what is served at its path
      if (answer.status >= 200 && answer.status < 300) return parse(call, answer) as R
      const error = errorOfAnswer(call, answer.status, answer.text, answer.retryAfter)
      if (answer.status === 401 && !renewed && (await this.#credentials.renew())) {
        renewed = true
      } else if (answer.status === 429 && ++busy < BUSY_TRIES) {
        await sleep((error.retryAfterSeconds ?? 1) * 1000, undefined, { signal: message.signal })
      } else {
        throw error
      }
    }
  }

  /** As `send`, for an answer that goes on; nothing for `silenceMs` ends it with an error. */
  async stream(call: Call, message: Message, silenceMs: number): Promise<HttpStream> {
    const request = httpRequest(message)
    for (let renewed = false; ; renewed = true) {
      const stream = await this.#try(call, message.signal, () => this.#transport.stream(request, silenceMs))
      if (stream.status === 200) return stream
      const text = await this.#try(call, message.signal, () => stream.body.text()).finally(() => stream.close())
      if (stream.status !== 401 || renewed || !(await this.#credentials.renew()))
        throw errorOfAnswer(call, stream.status, text, stream.retryAfter)
    }
  }

  /** Ends all connections that are kept. */
  close(): Promise<void> {
    return this.#transport.close()
  }

  async #once(call: Call, request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#try(call, request.signal, () => this.#transport.request(request))
    } catch (error) {
      // A connection that was kept may end just when it is used again. Reading twice does no harm.
      const again = request.method === 'GET' && error instanceof KubernetesError && error.reason === 'Lost'
      if (!again) throw error
      return this.#try(call, request.signal, () => this.#transport.request(request))
    }
  }

  async #try<R>(call: Call, signal: AbortSignal | undefined, action: () => Promise<R>): Promise<R> {
    signal?.throwIfAborted()
    try {
      return await action()
    } catch (error) {
      signal?.throwIfAborted()
      const failure = errorOfFailure(call, this.#credentials.server, error)
      // The certificate authority may be a new one by now.
      if (failure.reason !== 'Untrusted' || !(await this.#credentials.renew())) throw failure
      return action().catch((second: unknown) => {
        throw errorOfFailure(call, this.#credentials.server, second)
      })
    }
  }
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
