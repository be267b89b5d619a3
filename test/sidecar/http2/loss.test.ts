// What a client sees when an upstream cannot be reached, dies or closes: what it would see without the sidecar, or why.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import t from 'tap'
import { FrameType, frame, goawayFrame } from '../../../sidecar/http2/frame.ts'
import { until } from '../../fixtures/until.ts'
import { listen } from '../../fixtures/http2/listen.ts'
import { type Fields, GET, OK, POST } from '../../fixtures/http2/fields.ts'
import { echoStatus, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

const keyed = (key: string, fields: Fields = GET): Fields => [...fields, ['baggage', `sidetrack=${key}`]]
const grpc = (fields: Fields): Fields => [...fields, ['content-type', 'application/grpc+proto']]

async function unusedPort(): Promise<number> {
  const server = net.createServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}

t.test('a fork that cannot be reached is a 503 that says so, and for gRPC an UNAVAILABLE that says so', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, forks: { k: await unusedPort() } })
  const client = await rawClient(t, router.port)
  client.headers(1, keyed('k'))
  const answer = new Map(await client.fields(1))
  t.equal(answer.get(':status'), '503')
  t.equal(answer.get('sidetrack-error'), 'ST1102')
  t.match(
    (await client.frame(FrameType.data, 1)).payload.toString(),
    /Service shop, upstream 127\.0\.0\.1:\d+: connect ECONNREFUSED/,
  )
  client.headers(3, keyed('k', grpc(POST)), false)
  const status = new Map(await client.fields(3))
  t.equal(status.get(':status'), '200')
  t.equal(status.get('content-type'), 'application/grpc')
  t.equal(status.get('grpc-status'), '14')
  t.match(status.get('grpc-message'), /ST1102/)
  t.equal(status.get('sidetrack-error'), 'ST1102')
  t.equal((await client.frame(FrameType.headers, 3)).flags & 1, 1, 'trailers only')
  t.equal(await client.resetCode(3), 0, 'the rest of the request is not wanted')
  t.same(router.counts.refused, { ST1102: 2 })
})

t.test('a refusal whose body the client has no window for says it in the head alone', async (t) => {
  const router = await startRouter(t, { baseline: 1, forks: { k: await unusedPort() } })
  const client = await rawClient(t, router.port, [[4, 10]])
  client.headers(1, keyed('k'))
  t.equal((await client.frame(FrameType.headers, 1)).flags & 1, 1)
})

t.test('a fork that does not accept in time is a 503', async (t) => {
  // A stopped process whose accept queue is full: the kernel drops every further SYN.
  const script =
    "const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))"
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [line]: unknown[] = await once(child.stdout, 'data')
  const port = Number(String(line))
  child.kill('SIGSTOP')
  for (let n = 0; n < 4; n++) {
    const filler = net.connect(port, '127.0.0.1').on('error', () => {})
    t.teardown(() => filler.destroy())
  }
  const router = await startRouter(t, { baseline: 1, forks: { k: port }, limits: { connectMs: 100 } })
  const client = await rawClient(t, router.port)
  client.headers(1, keyed('k'))
  const answer = new Map(await client.fields(1))
  t.equal(answer.get('sidetrack-error'), 'ST1102')
  t.match((await client.frame(FrameType.data, 1)).payload.toString(), /no connection within 100 ms/)
})

t.test('a baseline that cannot be reached resets the connection', async (t) => {
  const router = await startRouter(t, { baseline: await unusedPort() })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  await client.closing()
  t.ok(client.wasReset)
})

t.test(
  'a baseline that cannot be reached refuses its streams where a fork has others, and the client is sent away',
  async (t) => {
    const fork = await rawServer(t)
    const router = await startRouter(t, { baseline: await unusedPort(), forks: { k: fork.port } })
    const client = await rawClient(t, router.port)
    client.headers(1, keyed('k'))
    const server = await fork.peer()
    await server.frame(FrameType.headers, 1)
    client.headers(3, GET)
    t.equal(await client.resetCode(3), 7)
    t.equal(await client.goawayCode(), 0)
    server.headers(1, OK)
    t.same(await client.fields(1), [...OK, ['sidetrack-route', 'shop=k']])
    await client.closing()
  },
)

t.test('a fork that dies before it answers is a 503, in mid-answer an error at once', async (t) => {
  const fork = await rawServer(t)
  const router = await startRouter(t, { baseline: 1, forks: { k: fork.port } })
  const client = await rawClient(t, router.port)
  client.headers(1, keyed('k'))
  client.headers(3, keyed('k'))
  client.headers(5, keyed('k', grpc(POST)), false)
  const server = await fork.peer()
  await server.frame(FrameType.headers, 5)
  server.headers(3, OK, false)
  server.data(3, 'half')
  await client.frame(FrameType.data, 3)
  server.socket.resetAndDestroy()
  t.equal(new Map(await client.fields(3)).get('sidetrack-route'), 'shop=k')
  t.equal(new Map(await client.fields(1)).get(':status'), '503')
  t.equal(new Map(await client.fields(5)).get('grpc-status'), '14')
  t.equal(await client.resetCode(3), 2)
  t.notOk(client.closed)
})

t.test('a baseline that dies takes the connection with it as it went itself', async (t) => {
  for (const how of ['reset', 'end'] as const) {
    const upstream = await rawServer(t)
    const router = await startRouter(t, { baseline: upstream.port })
    const client = await rawClient(t, router.port)
    client.headers(1, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, 1)
    if (how === 'reset') server.socket.resetAndDestroy()
    else server.socket.end()
    await client.closing()
    t.equal(client.wasReset, how === 'reset')
  }
})

t.test('an answer that is whole is delivered although its upstream has gone', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port, [[4, 100]])
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.headers(1, OK, false)
  server.data(1, Buffer.alloc(500), true)
  server.send(goawayFrame(1, 0))
  server.socket.end()
  await until(() => client.received(1) === 100)
  await server.closing()
  client.send(frame(FrameType.windowUpdate, 0, 1, Buffer.from([0, 0, 2, 0])))
  await until(() => client.received(1) === 500)
  t.equal(client.of(FrameType.data, 1).at(-1)?.flags, 1)
})

t.test('a baseline that closes while nothing is open closes the client in good order', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  echoStatus(server)
  await client.frame(FrameType.data, 1)
  server.send(goawayFrame(1, 0))
  server.socket.end()
  t.equal(await client.goawayCode(), 0)
  await client.closing()
  t.notOk(client.wasReset)
})

t.test('a fork that closes while nothing is open is dialled again, and the client does not notice', async (t) => {
  const fork = await rawServer(t)
  const router = await startRouter(t, { baseline: 1, forks: { k: fork.port } })
  const client = await rawClient(t, router.port)
  client.headers(1, keyed('k'))
  const server = await fork.peer()
  echoStatus(server)
  await client.frame(FrameType.data, 1)
  server.socket.end()
  await server.closing()
  await client.roundTrip()
  client.headers(3, keyed('k'))
  echoStatus(await fork.peer(1))
  await client.frame(FrameType.data, 3)
  t.equal(client.of(FrameType.goaway).length, 0)
})

t.test('an idle session to a fork is closed in good order', async (t) => {
  const fork = await rawServer(t)
  const router = await startRouter(t, { baseline: 1, forks: { k: fork.port }, limits: { forkIdleMs: 20 } })
  const client = await rawClient(t, router.port)
  client.headers(1, keyed('k'))
  const server = await fork.peer()
  echoStatus(server)
  await client.frame(FrameType.data, 1)
  t.equal(await server.goawayCode(), 0)
  await server.closing()
  t.notOk(client.closed)
})

t.test('a Node upstream that destroys its session in mid-upload leaves no call without an end', async (t) => {
  for (const role of ['baseline', 'fork'] as const) {
    const server = http2.createServer()
    server.on('session', (session) => session.on('error', () => {}))
    server.on('stream', (stream) => {
      let seen = 0
      stream.on('error', () => {})
      stream.on('data', (chunk: Buffer) => {
        seen += chunk.length
        if (seen > 100_000) stream.session?.destroy()
      })
    })
    const port = await listen(server)
    t.teardown(() => server.close())
    const router = await startRouter(t, role === 'baseline' ? { baseline: port } : { baseline: 1, forks: { k: port } })
    const client = http2.connect(`http://127.0.0.1:${router.port}`)
    client.on('error', () => {})
    t.teardown(() => client.destroy())
    let ended = 0
    for (let call = 0; call < 20; call++) {
      const stream = client.request({ ':method': 'POST', ...(role === 'fork' && { baggage: 'sidetrack=k' }) })
      stream.on('error', () => {})
      stream.on('close', () => ended++)
      stream.resume()
      stream.end(Buffer.alloc(300_000))
    }
    await until(() => ended === 20)
    t.equal(ended, 20, role)
  }
})

t.test('a client that goes takes its upstream connections with it', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, forks: { k: upstream.port } })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.headers(3, keyed('k'))
  const first = await upstream.peer(0)
  const second = await upstream.peer(1)
  client.socket.resetAndDestroy()
  await first.closing()
  await second.closing()
})

t.test('a cancelled stream is cancelled upstream with the same code', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  client.send(frame(FrameType.reset, 0, 1, Buffer.from([0, 0, 0, 8])))
  t.equal(await server.resetCode(1), 8)
})

t.test('a reset of the upstream reaches the client with the same code', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.send(frame(FrameType.reset, 0, 1, Buffer.from([0, 0, 0, 11])))
  t.equal(await client.resetCode(1), 11)
})

t.test('drain says GOAWAY twice, takes what was on its way, finishes and closes', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  router.sessions[0]?.drain()
  const warning = await client.frame(FrameType.goaway)
  t.equal(warning.payload.readUInt32BE(0), 0x7fff_ffff)
  client.headers(3, GET)
  const ping = await client.frame(FrameType.ping)
  client.send(frame(FrameType.ping, 1, 0, ping.payload))
  const last = await client.frame(FrameType.goaway, 0, 1)
  t.equal(last.payload.readUInt32BE(0), 3)
  client.headers(5, GET)
  await server.frame(FrameType.headers, 3)
  server.headers(1, OK)
  server.headers(3, OK)
  await client.frame(FrameType.headers, 3)
  await client.closing()
  t.notOk(server.frames.some(({ id }) => id === 5))
})
