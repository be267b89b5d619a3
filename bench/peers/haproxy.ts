// HAProxy, one thread, routing by the rule as a regular expression, connections to the upstreams kept, and shared by its clients.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Peer, Site } from '../peer.ts'
import { rulePattern } from '../rule.ts'
import { startServer } from './server.ts'

/** Whose upstream connections carry a client's requests: everybody's, or, as with this project's sidecar, those of its own connection. */
type Reuse = 'always' | 'never'

/** `protocol` is what it speaks on both sides. */
export function haproxy(binary: string, protocol: 'http1' | 'http2' = 'http1', reuse: Reuse = 'always'): Peer {
  return {
    name: reuse === 'never' ? 'haproxy-unshared' : 'haproxy',
    start: async (site) => {
      const file = join(site.folder, 'haproxy.cfg')
      await writeFile(file, configuration(site, protocol === 'http2' ? ' proto h2' : '', reuse))
      return startServer(site, binary, ['-db', '-q', '-f', file])
    },
  }
}

/** `req.fhdr` is the whole line; `req.hdr` would cut it at commas. The quotes are HAProxy's strong ones: nothing is expanded. */
function configuration(site: Site, proto: string, reuse: Reuse): string {
  return `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse ${reuse}
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
