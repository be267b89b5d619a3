// Calls another service of the shop with fetch, passing the context on, and says plainly why a call brought nothing.

import type { Context } from '@opentelemetry/api'
import { inject, spanIds, startSpan } from './propagation.ts'
import type { Span } from './span.ts'

/** One call as a reader of the page sees it: who called whom, who answered, how long it took. */
export interface PathStep {
  readonly from: string
  readonly to: string
  /** `baseline`, or the key of the fork; absent if no application answered. */
  readonly variant?: string
  readonly fault?: string
  readonly ms: number
}

/** What every service of the shop answers, besides what it was asked for. Another one in its place may leave out all of it. */
export interface Reply {
  readonly variant?: string
  readonly path?: readonly PathStep[]
  readonly error?: string
}

/** Problem details (RFC 9457), which is what Sidetrack answers when it refuses a call. */
export interface Problem {
  readonly title?: string
  readonly detail?: string
}

export interface Caller {
  readonly name: string
  readonly variant: string
  /** Base URL of each service that it calls. */
  readonly urls: Readonly<Record<string, string>>
  readonly report: (span: Span) => void
}

/** A service that was needed did not do its part; `message` says which and why, for a person. */
export class UpstreamError extends Error {
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UpstreamError'
    this.status = status
  }
}

/** The calls that are made while one request is served, all in its context. */
export class Upstream {
  readonly #caller: Caller
  readonly #context: Context
  /** A list per call, in the order in which they began: calls that run at once end in any order. */
  readonly #steps: PathStep[][] = []
  readonly #pending: Promise<unknown>[] = []

  constructor(caller: Caller, context: Context) {
    this.#caller = caller
    this.#context = context
  }

  /** The calls made so far, each followed by those that it caused. */
  get path(): readonly PathStep[] {
    return this.#steps.flat()
  }

  /** The answer of `service` to `GET path`. Throws UpstreamError unless it is a good one. */
  get<T>(service: string, path: string): Promise<T & Reply> {
    const call = this.#call<T>(service, path)
    this.#pending.push(call)
    return call
  }

  get calls(): number {
    return this.#steps.length
  }

  /** Resolves when no call is under way any more, so that none outlives its request. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  async #call<T>(service: string, path: string): Promise<T & Reply> {
    const context = startSpan(this.#context)
    const start = performance.timeOrigin + performance.now()
    const steps: PathStep[] = []
    this.#steps.push(steps)
    const done = (status: number, step: { variant?: string; fault?: string }, further: readonly PathStep[] = []) => {
      const { name, variant, report } = this.#caller
      const ms = performance.timeOrigin + performance.now() - start
      steps.push({ from: name, to: service, ...step, ms: Math.round(ms * 10) / 10 }, ...further)
      const fault = step.fault === undefined ? {} : { fault: step.fault }
      const parentId = spanIds(this.#context).spanId
      report({
        ...spanIds(context),
        parentId,
        kind: 'client',
        service: name,
        variant,
        peer: service,
        status,
        ...fault,
        start,
        ms,
      })
    }

    let response: Response
    let body: T & Reply & Problem
    try {
      const headers = { ...inject(context), accept: 'application/json' }
      response = await fetch(`${this.#caller.urls[service]}${path}`, { headers })
      body = JSON.parse(await response.text())
    } catch (error) {
      const fault = failureCode(error)
      done(0, { fault })
      throw new UpstreamError(502, `${service} did not answer: ${fault}`, { cause: error })
    }
    const refusal = response.headers.get('sidetrack-error')
    if (refusal !== null) {
      done(response.status, { fault: refusal })
      throw new UpstreamError(response.status, explainRefusal(refusal, body))
    }
    done(response.status, { variant: body.variant ?? '?' }, body.path ?? [])
    if (!response.ok) throw new UpstreamError(response.status, body.error ?? `${service} answered ${response.status}`)
    return body
  }
}

/** A refusal in a line: what, its code, and what it is about. */
export function explainRefusal(code: string, { title, detail = '' }: Problem): string {
  return `${title ?? 'Sidetrack refused the call'} (${code}). ${detail}`.trimEnd()
}

/** What the system calls the failure: fetch wraps it. */
function failureCode(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'unknown'
  return 'code' in cause ? String(cause.code) : cause.name
}
