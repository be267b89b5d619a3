// A router on undici: `request` as an application would write it, `dispatch` with its lowest interface.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request as send } from 'undici'
import { readPorts, upstreamOf } from './keyed.ts'

const ports = readPorts(process.argv.slice(2))
const dispatcher = new Agent()

/** They belong to one hop (RFC 9110 §7.6.1), and undici refuses them. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade'])

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}

async function byRequest(incoming: IncomingMessage, response: ServerResponse, origin: string): Promise<void> {
  const { statusCode, headers, body } = await send(`${origin}${incoming.url ?? '/'}`, {
    method: incoming.method ?? 'GET',
    headers: endToEnd(incoming.headers),
    body: incoming.method === 'GET' ? null : incoming,
    dispatcher,
  })
  response.writeHead(statusCode, endToEnd(headers))
  body.pipe(response)
}

function byDispatch(incoming: IncomingMessage, response: ServerResponse, origin: string): void {
  dispatcher.dispatch(
    {
      origin,
      path: incoming.url ?? '/',
      method: incoming.method ?? 'GET',
      headers: endToEnd(incoming.headers),
      body: incoming.method === 'GET' ? null : incoming,
    },
    {
      onRequestStart: () => {},
      onResponseStart: (_controller, status, headers) => {
        response.writeHead(status, endToEnd(headers))
      },
      onResponseData: (controller, chunk) => {
        if (response.write(chunk)) return
        controller.pause()
        response.once('drain', () => controller.resume())
      },
      onResponseEnd: () => {
        response.end()
      },
      onResponseError: () => {
        response.destroy()
      },
    },
  )
}

createServer((incoming, response) => {
  const origin = upstreamOf(incoming.headers['baggage'], ports)
  if (ports.how === 'dispatch') byDispatch(incoming, response, origin)
  else byRequest(incoming, response, origin).catch(() => response.destroy())
}).listen(ports.listen, '127.0.0.1')
