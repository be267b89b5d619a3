// Carries trace and baggage from the request that came in to the requests that go out, as any OpenTelemetry user would.

import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
  TraceFlags,
} from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'

const propagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
})

/** What the headers of an incoming request say: `traceparent`, `tracestate` and `baggage`. */
export function extract(headers: IncomingHttpHeaders): Context {
  return propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
}

/** The headers that an outgoing request needs so that its receiver can `extract` the same context. */
export function inject(context: Context): Record<string, string> {
  const headers: Record<string, string> = {}
  propagator.inject(context, headers, defaultTextMapSetter)
  return headers
}

/** A context with a span of its own, in the trace of `parent`, or in a new trace if `parent` has none. */
export function startSpan(parent: Context): Context {
  const span: SpanContext = {
    traceId: hex(16),
    traceFlags: TraceFlags.SAMPLED,
    ...trace.getSpanContext(parent),
    spanId: hex(8),
  }
  return trace.setSpanContext(parent, span)
}

/** The ids of the span in `context`; empty if it has none. */
export function spanIds(context: Context): { readonly traceId: string; readonly spanId: string } {
  const span = trace.getSpanContext(context)
  return { traceId: span?.traceId ?? '', spanId: span?.spanId ?? '' }
}

/** The value of one baggage member. */
export function baggageValue(context: Context, name: string): string | undefined {
  return propagation.getBaggage(context)?.getEntry(name)?.value
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
