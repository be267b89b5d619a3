// CONNECT through whole programs: a proxy of a team's own and its fork, over HTTP/1.1 and HTTP/2, and RFC 8441's WebSocket over HTTP/2.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import { freePorts } from '../fixtures/free-port.ts'
import { sidetrack } from '../fixtures/sidetrack-process.ts'
import { listen } from '../fixtures/http2/listen.ts'

const KEYED = { baggage: 'sidetrack=pr-42' }

/** What a tunnel leads to: it says its name, then everything back. */
async function echo(t: Test, name: string): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write(`${name}:`)
    socket.pipe(socket)
  })
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return listen(server)
}

/** A proxy that lets its clients connect to where it likes: `leads`, whatever they name. */
async function proxy1(t: Test, leads: number): Promise<number> {
  const server = http.createServer()
  server.on('connect', (_request: http.IncomingMessage, client: Duplex, first: Buffer) => {
    const target = net.connect(leads, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      target.write(first)
      target.pipe(client).pipe(target)
    })
    for (const each of [target, client]) each.on('error', () => target.destroy())
  })
  t.teardown(() => server.close().closeAllConnections())
  return listen(server)
}

async function proxy2(t: Test, name: string, leads: number): Promise<number> {
  const server = http2.createServer({ settings: { enableConnectProtocol: true } })
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    if (headers[':method'] !== 'CONNECT') {
      stream.respond({ ':status': 200 })
      stream.end(name)
      return
    }
    stream.respond({ ':status': 200 })
    if (headers[':protocol'] === undefined) {
      const target = net.connect(leads, '127.0.0.1')
      target.on('error', () => stream.close())
      target.pipe(stream).pipe(target)
    } else {
      stream.write(`${name} speaks ${headers[':protocol']} at ${headers[':path']}:`)
      stream.pipe(stream)
    }
  })
  t.teardown(() => {
    server.close()
    for (const session of sessions) session.destroy()
  })
  return listen(server)
}

interface Ports {
  readonly http1: number
  readonly http2: number
}

/** In the form of the routes file. */
function service(name: string, port: number, baseline: number, fork: number): string {
  return `- name: ${name}\n  listen: 127.0.0.1:${port}\n  baseline: 127.0.0.1:${baseline}\n  routes: [{key: pr-42, address: "127.0.0.1:${fork}"}]\n`
}

async function setup(t: Test): Promise<Ports> {
  const [baseline, fork] = [await echo(t, 'baseline'), await echo(t, 'fork')]
  const [port1 = 0, port2 = 0] = await freePorts(2)
  const file = path.join(t.testdir({}), 'proxies.yaml')
  writeFileSync(
    file,
    `services:\n${service('proxy1', port1, await proxy1(t, baseline), await proxy1(t, fork))}` +
      service('proxy2', port2, await proxy2(t, 'baseline', baseline), await proxy2(t, 'fork', fork)),
  )
  await sidetrack(t, 'run', file).ready()
  return { http1: port1, http2: port2 }
}

/** What comes back through a tunnel up to its end, after `sent` was written and the client's side ended. */
async function through(tunnel: Duplex, sent: string): Promise<string> {
  const parts: Buffer[] = []
  tunnel.on('data', (part: Buffer) => parts.push(part))
  tunnel.end(sent)
  await once(tunnel, 'end')
  return Buffer.concat(parts).toString()
}

async function connect1(port: number, headers: http.OutgoingHttpHeaders): Promise<string> {
  const request = http.request({ port, host: '127.0.0.1', method: 'CONNECT', path: 'db:5432', headers }).end()
  const [, socket, first] = (await once(request, 'connect')) as [http.IncomingMessage, net.Socket, Buffer]
  socket.unshift(first)
  return through(socket, 'hello')
}

t.test('CONNECT reaches baseline and fork and becomes a tunnel, over both protocols', async (t) => {
  const ports = await setup(t)
  t.equal(await connect1(ports.http1, {}), 'baseline:hello', 'HTTP/1.1')
  t.equal(await connect1(ports.http1, KEYED), 'fork:hello', 'HTTP/1.1, keyed')

  const session = http2.connect(`http://127.0.0.1:${ports.http2}`)
  t.teardown(() => session.destroy())
  const connect = { ':method': 'CONNECT', ':authority': 'db:5432' }
  t.equal(await through(session.request(connect), 'hello'), 'baseline:hello', 'HTTP/2')
  t.equal(await through(session.request({ ...connect, ...KEYED }), 'hello'), 'fork:hello', 'HTTP/2, keyed')
})

t.test('WebSocket over HTTP/2 is announced when the baseline takes it, and reaches baseline and fork', async (t) => {
  const ports = await setup(t)
  const url = `http://127.0.0.1:${ports.http2}`
  const first = http2.connect(url)
  t.teardown(() => first.destroy())
  const heard = new Promise<void>((resolve) => {
    first.on('remoteSettings', ({ enableConnectProtocol }) => {
      if (enableConnectProtocol === true) resolve()
    })
  })
  t.equal(await through(first.request({ ':method': 'POST', ':path': '/' }), ''), 'baseline')
  await heard
  const ws = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':authority': 'shop',
    ':path': '/chat',
  }
  t.equal(await through(first.request(ws), 'hello'), 'baseline speaks websocket at /chat:hello')
  t.equal(await through(first.request({ ...ws, ...KEYED }), 'hello'), 'fork speaks websocket at /chat:hello')

  const second = http2.connect(url)
  t.teardown(() => second.destroy())
  const [settings] = (await once(second, 'remoteSettings')) as [http2.Settings]
  t.equal(settings.enableConnectProtocol, true, 'the next client hears it at once')
  t.equal(await through(second.request(ws), 'hello'), 'baseline speaks websocket at /chat:hello')
})
