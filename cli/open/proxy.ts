// A proxy on this machine that adds a routing key to everything that a browser sends to one site, WebSockets included.

import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { Socket } from 'node:net'
import httpProxy from 'http-proxy'
import { type Origins, localCookie, localLocation, requestHeaders } from './rewriting.ts'

export interface OpenProxy {
  /** `http://127.0.0.1:4711`. */
  readonly origin: string
  close(): Promise<void>
}

export interface OpenProxyOptions {
  /** `https://shop.example`. */
  readonly site: string
  /** Routing keys as a baggage member has them: `pr-42`, `pr-42.pr-57`. */
  readonly keys: string
  /** 0 for any. */
  readonly port: number
  /** The site's certificate is not checked. */
  readonly insecure: boolean
  /** One line for each request that cannot be answered. */
  readonly failed: (line: string) => void
}

/** Listens when it resolves. Rejects if the port is taken. */
export async function startOpenProxy({ site, keys, port, insecure, failed }: OpenProxyOptions): Promise<OpenProxy> {
  const proxy = httpProxy.createProxyServer({ target: site, changeOrigin: true, secure: !insecure, xfwd: false })
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
  const origins: Origins = { local: `http://${host}`, site }
  const add = (request: IncomingMessage) => {
    for (const [name, value] of Object.entries(requestHeaders(request.headers, keys, origins)))
      request.headers[name] = value
  }
  server.on('request', (request, response) => {
    if (!isOurs(request, host)) {
      refuse(response, 421, 'this proxy is for its own address only')
      return
    }
    add(request)
    proxy.web(request, response)
  })
  server.on('upgrade', (request, socket: Socket, head) => {
    if (!isOurs(request, host)) {
      socket.destroy()
      return
    }
    add(request)
    proxy.ws(request, socket, head)
  })
  proxy.on('proxyReq', (upstream, _, response) => {
    // http-proxy itself would keep the upstream open when the browser leaves.
    response.on('close', () => upstream.destroy())
  })
  proxy.on('proxyRes', (answer, _, response) => {
    const { headers } = answer
    if (headers.location !== undefined) headers.location = localLocation(headers.location, origins)
    if (headers['set-cookie'] !== undefined) headers['set-cookie'] = headers['set-cookie'].map(localCookie)
    // And would leave the browser waiting when the site breaks off.
    answer.on('close', () => {
      if (!answer.complete) response.destroy()
    })
  })
  proxy.on('error', (error, request, answer) => {
    failed(`${request.method ?? ''} ${request.url ?? ''}: ${error.message}`)
    if ('writeHead' in answer) refuse(answer, 502, `${site} cannot be reached: ${error.message}`)
    else answer.destroy()
  })
  return {
    origin: origins.local,
    async close() {
      // Those of WebSockets are nobody's any more as far as the server knows.
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A page elsewhere must not reach the site through this address by a name of its own (DNS rebinding). */
function isOurs({ headers }: IncomingMessage, host: string): boolean {
  return headers.host === host || headers.host === host.replace('127.0.0.1', 'localhost')
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`sidetrack open: ${why}\n`)
}
