// Listens on an endpoint, or says in one line why not.

import type net from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Endpoint } from './config.ts'
import { SidetrackError } from './errors.ts'

/** Resolves with the endpoint as people write it, the real port in place of 0. Throws ST2004. */
export function listen(server: net.Server, endpoint: Endpoint, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'it is in use' : error.code === 'EACCES' ? 'permission denied' : error.message
      reject(
        new SidetrackError('ST2004', `cannot listen on ${formatEndpoint(endpoint)} for ${what}: ${why}`, {
          cause: error,
        }),
      )
    })
    // Without a host Node takes both families where there are both.
    server.listen('host' in endpoint && endpoint.host === '*' ? { port: endpoint.port } : endpoint, () => {
      const address: AddressInfo | string | null = server.address()
      resolve(
        address === null || typeof address === 'string' || 'path' in endpoint
          ? formatEndpoint(endpoint)
          : formatEndpoint({ ...endpoint, port: address.port }),
      )
    })
  })
}

export function formatEndpoint(endpoint: Endpoint): string {
  if ('path' in endpoint) return `unix:${endpoint.path}`
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`
}
