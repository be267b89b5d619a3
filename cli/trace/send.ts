// Sends one request that asks every sidecar on its way for a report.

import { randomBytes } from 'node:crypto'
import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { TRACE_PROPERTY } from '../../core/hop.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { valueOf, withKey } from '../sandbox/header.ts'

export interface Outgoing {
  readonly url: URL
  readonly method: string
  /** `Name: value`. */
  readonly headers: readonly string[]
  readonly body: string | undefined
  readonly insecure: boolean
}

export interface Sent {
  readonly method: string
  readonly url: string
  readonly status: number
  /** Until its answer was complete. */
  readonly milliseconds: number
  /** `cart=pr-42` if a fork answered. */
  readonly route: string | undefined
}

/** As long as a person waits. */
const LIMIT_MS = 60_000

/** As a W3C trace-id, so that a tracing tool that the services report to knows the request by it, too. */
export function newTraceId(): string {
  return randomBytes(16).toString('hex')
}

/** The headers of the request by name: its keys with the mark in `baggage`, and a `traceparent` unless it brings its own. */
export function tracedHeaders(given: readonly string[], keys: string, id: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { traceparent: `00-${id}-${randomBytes(8).toString('hex')}-01` }
  const baggage: string[] = []
  for (const line of given) {
    const members = valueOf(line)
    const colon = line.indexOf(':')
    if (members !== undefined) baggage.push(members)
    else headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { ...headers, baggage: withKey(baggage.join(','), `${keys};${TRACE_PROPERTY}=${id}`) }
}

/** Resolves when the answer is complete. Throws ST4009 if none comes. */
export function sendTraced(outgoing: Outgoing, keys: string, id: string, signal: AbortSignal): Promise<Sent> {
  const { url, method, body, insecure } = outgoing
  const request = url.protocol === 'https:' ? requestSecure : requestPlain
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      if (signal.aborted) reject(cause)
      else reject(new SidetrackError('ST4009', `${method} ${url.href}: ${cause.message || String(cause)}`, { cause }))
    }
    const sending = request(
      url,
      {
        method,
        headers: tracedHeaders(outgoing.headers, keys, id),
        rejectUnauthorized: !insecure,
        timeout: LIMIT_MS,
        signal,
      },
      (answer) => {
        const route = answer.headers['sidetrack-route']
        answer.on('error', fail).on('end', () =>
          resolve({
            method,
            url: url.href,
            status: answer.statusCode ?? 0,
            milliseconds: performance.now() - startedAt,
            route: Array.isArray(route) ? route.join() : route,
          }),
        )
        answer.resume()
      },
    )
    sending
      .on('timeout', () => sending.destroy(new Error(`nothing for ${LIMIT_MS / 1000} s`)))
      .on('error', fail)
      .end(body)
  })
}
