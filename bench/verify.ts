// Asks a peer each case of the rule before it is measured: a fast proxy that routes wrongly proves nothing.

import { get } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { Expectation } from './rule.ts'

/** One answer: its status, who gave it, and the `baggage` that arrived there ('' for none). */
export interface Answer {
  readonly status: number
  readonly variant: string
  readonly saw: string
}

/** Sends one request with this `baggage` ('' for none) on a connection of its own. */
export type Ask = (port: number, baggage: string) => Promise<Answer>

/** Throws an error that names the first case with another answer. */
export async function verifyRouting(
  peer: string,
  port: number,
  cases: readonly Expectation[],
  ask: Ask = askHttp1,
): Promise<void> {
  for (const { baggage, variant } of cases) {
    const got = await ask(port, baggage)
    if (got.status !== 200 || got.variant !== variant) {
      const who = got.variant === '' ? 'nobody' : got.variant
      throw new Error(
        `${peer} routes wrongly: baggage '${baggage}' should reach ${variant}, got status ${got.status} from ${who}`,
      )
    }
    if (got.saw !== baggage) {
      throw new Error(`${peer} changes the header: '${baggage}' arrived as '${got.saw}'`)
    }
  }
}

export function askHttp1(port: number, baggage: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = baggage === '' ? {} : { baggage }
    get({ host: '127.0.0.1', port, path: '/', headers, agent: false, timeout: 5000 }, (response) => {
      response.resume()
      response.once('end', () => resolve(answer(response.statusCode ?? 0, response.headers)))
      response.once('error', reject)
    })
      .once('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error(`no answer within 5 s on port ${port}`))
      })
      .once('error', reject)
  })
}

export function askHttp2(port: number, baggage: string): Promise<Answer> {
  return askStream(port, baggage, { ':path': '/' }, undefined)
}

/** A gRPC message without content: not compressed, length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5)

/** Calls the server of `load/grpc`, whose method Saw answers as the other upstreams do. */
export function askGrpc(port: number, baggage: string): Promise<Answer> {
  const headers = { ':method': 'POST', ':path': '/bench.Echo/Saw', 'content-type': 'application/grpc', te: 'trailers' }
  return askStream(port, baggage, headers, EMPTY_MESSAGE)
}

async function askStream(
  port: number,
  baggage: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer | undefined,
): Promise<Answer> {
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    return await within(session, port, (resolve, reject) => {
      const stream = session.request({ ...headers, ...(baggage === '' ? {} : { baggage }) }, { endStream: !body })
      stream.once('response', (response) => {
        stream.resume()
        stream.once('end', () => resolve(answer(response[':status'] ?? 0, response)))
      })
      stream.once('error', reject)
      if (body !== undefined) stream.end(body)
    })
  } finally {
    session.destroy()
  }
}

function within(
  session: ClientHttp2Session,
  port: number,
  work: (resolve: (answer: Answer) => void, reject: (error: Error) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.setTimeout(5000, () => reject(new Error(`no answer within 5 s on port ${port}`)))
    session.once('error', reject)
    session.once('close', () => reject(new Error(`port ${port} closed the connection`)))
    work(resolve, reject)
  })
}

function answer(status: number, headers: Readonly<Record<string, unknown>>): Answer {
  const text = (name: string): string => {
    const value = headers[name]
    return typeof value === 'string' ? value : ''
  }
  return { status, variant: text('x-variant'), saw: text('x-saw') }
}
