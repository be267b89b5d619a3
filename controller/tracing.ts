// Spans of what the leader looks at, sent to an OpenTelemetry collector: loaded only where one is configured, since it costs 25 MB of memory.

import type { Target } from './reconcile/parts.ts'

export interface Tracing {
  /** Runs one look at something within a span. */
  readonly look: Look
  /** Sends what has not been sent yet. */
  close(): Promise<void>
}

/** `key` names what is looked at: `Sandbox shop/pr-42`. */
export type Look = <T>(kind: Target['kind'], key: string, work: () => Promise<T>) => Promise<T>

export const NO_TRACING: Tracing = { look: (_kind, _key, work) => work(), close: () => Promise.resolve() }

/** `url`: where OTLP over HTTP is taken, as http://collector:4318/v1/traces. `pod` is this replica. What cannot be sent is lost, and costs nothing else. */
export async function startTracing(url: string, pod: string, version: string): Promise<Tracing> {
  const [
    { SpanStatusCode },
    { BatchSpanProcessor, TracerProvider },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  // https://opentelemetry.io/docs/specs/semconv/resource/
  const resource = resourceFromAttributes({
    'service.name': 'sidetrack-controller',
    'service.version': version,
    'service.instance.id': pod,
  })
  const exporter = new OTLPTraceExporter({ url })
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] })
  const tracer = provider.getTracer('sidetrack')
  return {
    async look(kind, key, work) {
      const attributes = { 'sidetrack.kind': kind, 'sidetrack.target': key.slice(kind.length + 1) }
      const span = tracer.startSpan(`reconcile ${kind}`, { attributes })
      try {
        return await work()
      } catch (error) {
        span.recordException(error instanceof Error ? error : String(error))
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    },
    close: () => provider.shutdown(),
  }
}
