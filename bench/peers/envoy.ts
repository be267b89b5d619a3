// Envoy, one worker thread, routing by a header matcher of its route table, without access log or tracing.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Peer, Site } from '../peer.ts'
import { wholeRulePattern } from '../rule.ts'
import { startServer } from './server.ts'

export function envoy(binary: string): Peer {
  return {
    name: 'envoy',
    start: async (site) => {
      const file = join(site.folder, 'envoy.json')
      await writeFile(file, JSON.stringify(configuration(site)))
      const options = ['--concurrency', '1', '--disable-hot-restart', '--log-level', 'error']
      return startServer(site, binary, ['-c', file, ...options])
    },
  }
}

/** Envoy reads JSON as it reads YAML. */
function configuration(site: Site): unknown {
  const carriesKey = { name: 'baggage', string_match: { safe_regex: { regex: wholeRulePattern(site.keys) } } }
  const routes = [
    { match: { prefix: '/', headers: [carriesKey] }, route: { cluster: 'fork' } },
    { match: { prefix: '/' }, route: { cluster: 'baseline' } },
  ]
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'in',
    // Not generated, as the others generate none.
    generate_request_id: false,
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  }
  const filters = [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }]
  return {
    static_resources: {
      listeners: [{ name: 'in', address: socket(site.listen), filter_chains: [{ filters }] }],
      clusters: [cluster('baseline', site.baseline), cluster('fork', site.fork)],
    },
  }
}

function cluster(name: string, port: number): unknown {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '5s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(port) } }] }],
    },
  }
}

function socket(port: number): unknown {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}
