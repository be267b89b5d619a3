// HAProxy, one thread, routing by the rule as a regular expression, connections to the upstreams kept and shared.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Peer, Site } from '../peer.ts'
import { rulePattern } from '../rule.ts'
import { startServer } from './server.ts'

/** `protocol` is what it speaks on both sides. */
export function haproxy(binary: string, protocol: 'http1' | 'http2' = 'http1'): Peer {
  return {
    name: 'haproxy',
    start: async (site) => {
      const file = join(site.folder, 'haproxy.cfg')
      await writeFile(file, configuration(site, protocol === 'http2' ? ' proto h2' : ''))
      return startServer(site, binary, ['-db', '-q', '-f', file])
    },
  }
}

/** `req.fhdr` is the whole line; `req.hdr` would cut it at commas. The quotes are HAProxy's strong ones: nothing is expanded. */
function configuration(site: Site, proto: string): string {
  return `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:${site.listen}${proto}
  use_backend fork if { req.fhdr(baggage) -m reg '${rulePattern(site.keys)}' }
  default_backend baseline
backend baseline
  server one 127.0.0.1:${site.baseline}${proto}
backend fork
  server one 127.0.0.1:${site.fork}${proto}
`
}
