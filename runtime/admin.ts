// The admin server of agent and controller: health, readiness, metrics and whatever pages the program adds. Other machines see only what is
// open to them, and change nothing.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { text as readText } from 'node:stream/consumers'
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
  /** Shown to other machines too. */
  readonly open?: boolean
  /** Takes what is sent by PUT from this machine. Throws an Error that says what is wrong with it. */
  readonly put?: (text: string) => void
}

/** What is sent to a page is a word. */
const MOST_SENT = 1024

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
    '/healthz': { title: 'the process is alive', content: () => 'ok\n', open: true },
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
    const page = Object.hasOwn(all, path) ? all[path] : undefined
    const near = isNear(request.socket.remoteAddress)
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (!reads && (request.method !== 'PUT' || page?.put === undefined)) {
      send(response, 405, 'text/plain', 'This page is read-only: use GET.\n')
      return
    }
    // Whether it is ready is everybody's business, what is missing is not: it names pods.
    if (!near && reads && path === '/readyz') {
      send(response, readiness.ready ? 200 : 503, 'application/json', `{"ready": ${readiness.ready}}\n`)
      return
    }
    if (!near && page?.open !== true) {
      send(
        response,
        403,
        'text/plain',
        'Only the machine itself may see this page, as by kubectl exec or port-forward.\n',
      )
      return
    }
    if (page === undefined) {
      const list = Object.entries(all).map(([name, { title }]) => `${name.padEnd(12)} ${title}`)
      send(response, path === '/' ? 200 : 404, 'text/plain', `${list.join('\n')}\n`)
      return
    }
    if (!reads) {
      void take(page, request, response)
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

/** True for this machine's own loopback, and for a Unix socket, which has no address. */
export function isNear(address: string | undefined): boolean {
  return address === undefined || address === '::1' || /^(::ffff:)?127\./.test(address)
}

async function take({ put }: Page, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(Number(request.headers['content-length']) <= MOST_SENT)) {
    send(response, 413, 'text/plain', `At most ${MOST_SENT} bytes are taken, with their length said before.\n`)
    return
  }
  try {
    put?.((await readText(request)).trim())
    send(response, 200, 'text/plain', 'ok\n')
  } catch (error) {
    send(response, 400, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type.includes(';') ? type : `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
