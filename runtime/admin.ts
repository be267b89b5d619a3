// The admin server of agent and controller: health, readiness, metrics and whatever pages the program adds; read-only.

import type { ServerResponse } from 'node:http'
import type { Endpoint } from './config.ts'
import { listen } from './listen.ts'
import type { Readiness } from './readiness.ts'

export interface Page {
  /** What it shows, for the list at `/`. */
  readonly title: string
  /** Anything but a string becomes JSON. */
  content(): unknown
  /** Of a string; text/plain by default. */
  readonly type?: string
}

export interface Admin {
  /** `127.0.0.1:9901`, with the real port. */
  readonly address: string
  close(): void
}

/** Throws ST2004 if the endpoint cannot be listened on. */
export async function startAdmin(
  endpoint: Endpoint,
  readiness: Readiness,
  pages: Readonly<Record<string, Page>>,
): Promise<Admin> {
  const all: Record<string, Page> = {
    '/healthz': { title: 'the process is alive', content: () => 'ok\n' },
    '/readyz': {
      title: 'ready, or what is missing',
      content: () => ({ ready: readiness.ready, missing: readiness.reasons() }),
    },
    ...pages,
  }
  // An import would evaluate all exports of node:http, one of which loads Node's own copy of undici.
  const { createServer } = process.getBuiltinModule('node:http')
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, 'text/plain', 'This server is read-only: use GET.\n')
      return
    }
    const page = Object.hasOwn(all, path) ? all[path] : undefined
    if (page === undefined) {
      const list = Object.entries(all).map(([name, { title }]) => `${name.padEnd(12)} ${title}`)
      send(response, path === '/' ? 200 : 404, 'text/plain', `${list.join('\n')}\n`)
      return
    }
    const status = path === '/readyz' && !readiness.ready ? 503 : 200
    void Promise.try(() => page.content()).then(
      (content) =>
        typeof content === 'string'
          ? send(response, status, page.type ?? 'text/plain', content)
          : send(response, status, 'application/json', `${JSON.stringify(content, undefined, 2)}\n`),
      (error: unknown) => send(response, 500, 'text/plain', `${String(error)}\n`),
    )
  })
  const address = await listen(server, endpoint, 'the admin server')
  return {
    address,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type.includes(';') ? type : `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
