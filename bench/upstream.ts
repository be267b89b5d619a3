// The upstreams: one nginx that answers as baseline, fork and a second fork, each on its own port and saying who it is.

import { join } from 'node:path'
import type { Cores } from './cores.ts'
import { writeNginx } from './nginx.ts'
import { untilListening } from './ports.ts'
import { startPinned } from './process.ts'
import { type Variant, VARIANTS } from './rule.ts'

export interface UpstreamOptions {
  /** HTTP/2 without TLS instead of HTTP/1.1: one port of this nginx cannot take both. */
  readonly http2?: boolean
  /** Served under BULK_PATH. */
  readonly file?: string
}

export const BULK_PATH = '/bulk'

/** What each upstream answers with. The lengths differ, so that a sum of bytes says who answered. */
export function bodyOf(variant: Variant): string {
  return `${variant}.`
}

/** `x-saw` repeats the baggage that arrived and `x-id` the request's id, so that an answer can be checked by itself. */
function server(port: number, variant: Variant, how: UpstreamOptions): string {
  return `
  server {
    listen 127.0.0.1:${port}${how.http2 === true ? ' http2' : ''};
    default_type text/plain;
    add_header x-variant ${variant};
    add_header x-saw $http_baggage;
    add_header x-id $http_x_request_id;
    location / { return 200 "${bodyOf(variant)}"; }
    ${how.file === undefined ? '' : `location = ${BULK_PATH} { alias ${how.file}; }`}
  }`
}

/** Resolves, when all ports are listened on, to what stops them. */
export async function startUpstreams(
  binary: string,
  ports: Readonly<Record<Variant, number>>,
  folder: string,
  cores: Cores,
  signal: AbortSignal,
  how: UpstreamOptions = {},
): Promise<() => Promise<void>> {
  const name = how.http2 === true ? 'upstream-http2' : 'upstream'
  const http = VARIANTS.map((each) => server(ports[each], each, how)).join('\n')
  const args = await writeNginx(join(folder, name), http)
  const running = startPinned(cores.upstream, binary, args)
  try {
    for (const each of VARIANTS) await untilListening(ports[each], running, signal)
  } catch (error) {
    await running.stop()
    throw error
  }
  return () => running.stop()
}
