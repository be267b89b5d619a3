// nginx, one worker, routing by a map over the header, connections to the upstreams kept.

import type { Peer, Site } from '../peer.ts'
import { rulePattern } from '../rule.ts'
import { writeNginx } from '../nginx.ts'
import { startServer } from './server.ts'

export function nginx(binary: string): Peer {
  return {
    name: 'nginx',
    start: async (site) => startServer(site, binary, await writeNginx(site.folder, configuration(site))),
  }
}

function configuration(site: Site): string {
  return `
  map $http_baggage $upstream {
    default baseline;
    "~${rulePattern(site.keys)}" fork;
  }
  upstream baseline { server 127.0.0.1:${site.baseline}; keepalive 128; keepalive_requests 100000000; }
  upstream fork { server 127.0.0.1:${site.fork}; keepalive 128; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${site.listen};
    location / {
      proxy_pass http://$upstream;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }
  }
`
}
