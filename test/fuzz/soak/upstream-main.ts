// The upstreams of a soak as a process of their own: three variants, each for HTTP/1.1 and for h2c, that check bodies and die when told to.

import { createHash } from 'node:crypto'
import http from 'node:http'
import http2 from 'node:http2'
import type net from 'node:net'
import { listen } from '../../fixtures/http2/listen.ts'
import { type Variant, bytesOf, digest } from './request-plan.ts'

export const VARIANTS: readonly Variant[] = ['baseline', 'fork-a', 'fork-b']

type Incoming = http.IncomingMessage | http2.Http2ServerRequest
type Outgoing = http.ServerResponse | http2.Http2ServerResponse

interface Orders {
  readonly wanted: Buffer
  readonly chunked: boolean
  readonly dieAt: string
  readonly reset: boolean
}

function orders(request: Incoming): Orders {
  const [start, length, framing] = String(request.headers['x-want']).split(':')
  const [dieAt = '', how] = String(request.headers['x-die'] ?? '').split(':')
  const wanted = bytesOf({ start: Number(start), length: Number(length) })
  return { wanted, chunked: framing === 'chunked', dieAt, reset: how === 'reset' }
}

function die(socket: net.Socket, reset: boolean): void {
  if (reset) socket.resetAndDestroy()
  else socket.destroy()
}

function answerAs(variant: Variant, socketOf: (request: Incoming) => net.Socket | undefined) {
  return (request: Incoming, response: Outgoing): void => {
    const { wanted, chunked, dieAt, reset } = orders(request)
    const socket = socketOf(request)
    const end = (): void => void (socket !== undefined && die(socket, reset))
    request.on('error', () => {})
    response.on('error', () => {})
    if (dieAt === 'request') request.once('data', end).once('end', end)
    const hash = createHash('sha1')
    request.on('data', (part: Buffer) => hash.update(part))
    request.on('end', () => {
      if (dieAt === 'request') return
      const intact = hash.digest('hex') === request.headers['x-sha']
      const head = response as http.ServerResponse // the two are used alike
      head.writeHead(200, {
        'x-variant': variant,
        'x-received': intact ? 'intact' : 'corrupt',
        'x-sha': digest(wanted),
        ...(chunked ? {} : { 'content-length': String(wanted.length) }),
      })
      const write = (part: Buffer): void => void head.write(part)
      if (dieAt === 'head') write(wanted.subarray(0, 1))
      else if (dieAt === 'body' || chunked) write(wanted.subarray(0, wanted.length >> 1))
      if (dieAt !== '') setImmediate(end)
      else head.end(chunked ? wanted.subarray(wanted.length >> 1) : wanted)
    })
  }
}

const ports: Record<string, number> = {}
for (const variant of VARIANTS) {
  const plain = http.createServer(
    { keepAliveTimeout: 600_000 },
    answerAs(variant, ({ socket }) => socket),
  )
  plain.maxRequestsPerSocket = 0
  const multiplexed = http2.createServer().on(
    'request',
    answerAs(variant, (request) => sockets.get((request as http2.Http2ServerRequest).stream.session)),
  )
  const sockets = new Map<http2.Http2Session | undefined, net.Socket>()
  let latest: net.Socket | undefined
  multiplexed.prependListener('connection', (socket: net.Socket) => (latest = socket.on('error', () => {})))
  multiplexed.on('session', (session) => {
    if (latest !== undefined) sockets.set(session, latest)
    session.on('error', () => {}).on('close', () => sockets.delete(session))
  })
  multiplexed.on('sessionError', () => {})
  ports[`http1 ${variant}`] = await listen(plain)
  ports[`http2 ${variant}`] = await listen(multiplexed)
}
process.send?.(ports)
process.on('disconnect', () => process.exit(0))
