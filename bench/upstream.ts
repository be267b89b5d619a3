// The upstreams: one nginx that answers as baseline, fork and a second fork, each on its own port and saying who it is.

import { join } from 'node:path'
import type { Cores } from './cores.ts'
import { writeNginx } from './nginx.ts'
import { untilListening } from './ports.ts'
import { startPinned } from './process.ts'
import { type Variant, VARIANTS } from './rule.ts'

/** `x-saw` repeats the baggage that arrived and `x-id` the request's id, so that an answer can be checked by itself. */
function server(port: number, variant: Variant): string {
  return `
  server {
    listen 127.0.0.1:${port};
    default_type text/plain;
    add_header x-variant ${variant};
    add_header x-saw $http_baggage;
    add_header x-id $http_x_request_id;
    location / { return 200 "${variant}\\n"; }
  }`
}

/** Resolves, when all ports are listened on, to what stops them. */
export async function startUpstreams(
  binary: string,
  ports: Readonly<Record<Variant, number>>,
  folder: string,
  cores: Cores,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const args = await writeNginx(join(folder, 'upstream'), VARIANTS.map((each) => server(ports[each], each)).join('\n'))
  const running = startPinned(cores.upstream, binary, args)
  try {
    for (const each of VARIANTS) await untilListening(ports[each], running, signal)
  } catch (error) {
    await running.stop()
    throw error
  }
  return () => running.stop()
}
