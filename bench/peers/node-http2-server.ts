// A router on node:http2: one session to each upstream, streams piped both ways.

import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { readPorts, upstreamOf } from './keyed.ts'

const ports = readPorts(process.argv.slice(2))
const sessions = new Map<string, ClientHttp2Session>()

function sessionTo(origin: string): ClientHttp2Session {
  const known = sessions.get(origin)
  if (known !== undefined && !known.closed && !known.destroyed) return known
  const session = connect(origin)
  session.on('error', () => session.destroy())
  sessions.set(origin, session)
  return session
}

function forward(incoming: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  let trailers: OutgoingHttpHeaders = {}
  const upstream = sessionTo(upstreamOf(headers['baggage'], ports)).request(headers)
  upstream.on('response', (response) => incoming.respond(response, { waitForTrailers: true }))
  upstream.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = received
  })
  incoming.on('wantTrailers', () => incoming.sendTrailers(trailers))
  incoming.on('error', () => upstream.close())
  upstream.on('error', () => incoming.close())
  incoming.pipe(upstream)
  upstream.pipe(incoming)
}

createServer().on('stream', forward).listen(ports.listen, '127.0.0.1')
