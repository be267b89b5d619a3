// Makes a service a program: configured by its environment like any container, one JSON line per span on stdout.

import type { Span } from './span.ts'
import { type Service, type ServiceConfig, startService } from './service.ts'

/** Prints `{"listening":PORT}` when it listens; ends on SIGTERM and SIGINT. */
export async function runService(service: Service): Promise<void> {
  const config = readConfig(service, process.env)
  if (typeof config === 'string') {
    console.error(`${service.name}: ${config}`)
    process.exit(64)
  }
  try {
    // Node loads what is behind fetch on its first use, some 50 ms: now, rather than in the first customer's request.
    if (service.calls.length > 0) await fetch('data:,')
    const running = await startService(service, config)
    console.log(JSON.stringify({ listening: running.port }))
    // Idle connections to other services would keep the process alive for seconds after its server is closed.
    const end = () => void running.stop().then(() => process.exit(0))
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
  } catch (error) {
    console.error(`${config.name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

/** `PORT`, `HOST`, `NAME`, `VARIANT`, `DRAIN_SECONDS` and a `…_URL` for each service that is called; a string says what is wrong with them. */
export function readConfig(service: Service, env: NodeJS.ProcessEnv): ServiceConfig | string {
  const port = env['PORT'] ?? '8080'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return `PORT is not a port: ${port}`
  const drain = env['DRAIN_SECONDS'] ?? '0'
  if (!/^\d{1,3}$/.test(drain)) return `DRAIN_SECONDS is not a number of seconds: ${drain}`
  const urls: Record<string, string> = {}
  for (const called of service.calls) {
    const name = `${called.toUpperCase()}_URL`
    const url = env[name] ?? `http://${called}`
    if (!URL.canParse(url)) return `${name} is not a URL: ${url}`
    urls[called] = url.replace(/\/$/, '')
  }
  return {
    name: env['NAME'] ?? service.name,
    variant: env['VARIANT'] ?? env['SIDETRACK_SANDBOX'] ?? 'baseline',
    host: env['HOST'] ?? '0.0.0.0',
    port: Number(port),
    drainSeconds: Number(drain),
    urls,
    report: printSpan,
  }
}

function printSpan(span: Span): void {
  console.log(JSON.stringify(span))
}
