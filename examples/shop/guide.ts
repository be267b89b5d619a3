// Takes the tour: sends each request into the running shop and waits for its path.

import { ROOT_CONTEXT } from '@opentelemetry/api'
import { inject, spanIds, startSpan } from './services/propagation.ts'
import type { Span } from './services/span.ts'
import { explainRefusal, type Problem, type Reply } from './services/upstream.ts'
import type { Hop } from './path.ts'
import type { Outcome, Stop } from './tour.ts'
import { Traces } from './traces.ts'

/** A request, or its path, that takes longer than this has failed. */
const PATIENCE_MS = 5000

export interface Guide {
  /** Takes the spans that the services report. */
  add(span: Span): void
  /** Sends the stop's request to the shop at `url`. Never rejects: what fails is in the outcome. */
  visit(stop: Stop, url: string): Promise<Outcome>
}

export function createGuide(): Guide {
  const waiting = new Map<string, (path: Hop) => void>()
  const traces = new Traces(
    (span) => span.service === 'tour',
    ({ root, path }) => waiting.get(root.spanId)?.(path),
  )
  return {
    add: (span) => traces.add(span),
    async visit(stop, url) {
      const context = startSpan(ROOT_CONTEXT)
      const ids = spanIds(context)
      const whole = new Promise<Hop>((resolve) => waiting.set(ids.spanId, resolve))
      const start = performance.timeOrigin + performance.now()
      const answer = await ask(url, {
        ...inject(context),
        ...(stop.baggage === undefined ? {} : { baggage: stop.baggage }),
      })
      const ms = performance.timeOrigin + performance.now() - start
      const { status, error, refusal } = answer
      const fault = refusal ?? (status === 0 ? error : undefined)
      traces.add({
        ...ids,
        kind: 'client',
        service: 'tour',
        variant: '',
        peer: 'storefront',
        status,
        start,
        ms,
        ...(fault === undefined ? {} : { fault }),
      })
      const path = await Promise.race([whole, later(PATIENCE_MS)])
      waiting.delete(ids.spanId)
      return { status, error, path, ms }
    },
  }
}

interface Answer {
  readonly status: number
  readonly error: string | undefined
  /** The code of Sidetrack, if no application answered. */
  readonly refusal: string | undefined
}

async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  try {
    const response = await fetch(url, {
      headers: { ...headers, accept: 'application/json' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const refusal = response.headers.get('sidetrack-error') ?? undefined
    const body: Problem & Reply = JSON.parse(await response.text())
    const error = refusal === undefined ? body.error : explainRefusal(refusal, body)
    return { status: response.status, error, refusal }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { status: 0, error: cause instanceof Error ? cause.message : String(cause), refusal: undefined }
  }
}

function later(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref()
  })
}
