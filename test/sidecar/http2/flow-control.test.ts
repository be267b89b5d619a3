// Windows, queues and credit: nothing is sent that a peer has not allowed, nothing waits that could go, and a stalled
// stream stalls only itself.

import t from 'tap'
import { FrameType, frame, windowUpdate } from '../../../sidecar/http2/frame.ts'
import { Setting, settingsFrame } from '../../../sidecar/http2/settings.ts'
import { until } from '../../fixtures/until.ts'
import { GET, OK, POST } from '../../fixtures/http2/fields.ts'
import { type RawFrame, type RawPeer, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

const increments = (peer: RawPeer, id: number): number =>
  peer.of(FrameType.windowUpdate, id).reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0)

const announced = (peer: RawPeer): readonly RawFrame[] => peer.of(FrameType.settings).filter(({ flags }) => flags === 0)

const padded = (id: number, payload: string, padding: number): Buffer =>
  frame(FrameType.data, 8, id, Buffer.concat([Buffer.of(padding), Buffer.from(payload), Buffer.alloc(padding)]))

t.test('a window that fits a part of a frame is used at once', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 10]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  client.data(1, 'a'.repeat(25), true)
  const server = await upstream.peer()
  await until(() => server.received(1) === 10)
  t.equal((await server.frame(FrameType.data, 1)).flags & 1, 0)
  server.send(windowUpdate(1, 10))
  await until(() => server.received(1) === 20)
  server.send(windowUpdate(1, 100))
  await until(() => server.received(1) === 25)
  t.equal(server.of(FrameType.data, 1).at(-1)?.flags, 1)
})

t.test('an upstream window smaller than the default is made good by what waits here, then kept exactly', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 1_000]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  for (let sent = 0; sent < 60_000; sent += 10_000) client.data(1, Buffer.alloc(10_000))
  const server = await upstream.peer()
  await until(() => server.received(1) === 1_000)
  for (let n = 2; n <= 60; n++) {
    server.send(windowUpdate(1, 1_000))
    await until(() => server.received(1) === n * 1_000)
  }
  t.equal(increments(client, 1), 0, 'the client was ahead')
  server.send(windowUpdate(1, 70_000))
  await until(() => increments(client, 1) > 0)
  t.equal(increments(client, 1), 60_000 + 70_000 - 65_535, 'both allow the same from here on')
})

t.test('an upstream window larger than the default is granted to a stream that uploads', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 1_000_000]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.headers(3, POST, false)
  client.data(3, 'x')
  await until(() => increments(client, 3) > 0)
  t.equal(increments(client, 3), 1_000_000 - 65_535)
  t.equal(increments(client, 1), 0)
})

t.test('an initial window that an upstream raises in mid-connection holds for streams that are open', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 0]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  client.data(1, Buffer.alloc(1_000))
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  t.equal(server.received(1), 0)
  server.send(settingsFrame([[Setting.initialWindowSize, 500]]))
  await until(() => server.received(1) === 500)
  server.send(settingsFrame([[Setting.initialWindowSize, 200_000]]))
  await until(() => server.received(1) === 1_000 && increments(client, 1) > 0)
  t.equal(increments(client, 1), 200_000 - 65_535)
})

t.test('an initial window that a client changes in mid-connection reaches upstreams and holds here', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  client.send(settingsFrame([[Setting.initialWindowSize, 100]]))
  await until(() => client.of(FrameType.settings).some(({ flags }) => flags === 1))
  await until(() => announced(server).length >= 2)
  const last = announced(server).at(-1)
  t.same(last?.payload, settingsFrame([[Setting.initialWindowSize, 100]]).subarray(9))
  // The upstream has not acknowledged and may send by the old window: the rest waits here.
  server.headers(1, OK, false)
  server.data(1, Buffer.alloc(300), true)
  await until(() => client.received(1) === 100)
  client.send(windowUpdate(1, 200))
  await until(() => client.received(1) === 300)
})

t.test(
  'a response that waits for the connection window holds back neither HEADERS nor small answers of others',
  async (t) => {
    const upstream = await rawServer(t)
    const router = await startRouter(t, { baseline: upstream.port })
    const client = await rawClient(t, router.port, [[Setting.initialWindowSize, 1_000_000]])
    client.headers(1, GET)
    client.headers(3, GET)
    client.headers(5, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, 5)
    server.headers(1, OK, false)
    for (let sent = 0; sent < 160_000; sent += 16_000) server.data(1, Buffer.alloc(16_000))
    server.headers(1, [['x-end', '1']])
    await until(() => client.received(1) === 65_535)
    server.headers(3, [...OK, ['x', '3']])
    server.headers(5, OK, false)
    server.data(5, '', true)
    await client.frame(FrameType.data, 5)
    t.equal(client.of(FrameType.headers, 3).length, 1, 'HEADERS passed')
    t.equal(client.of(FrameType.headers, 1).length, 1, 'the trailers wait behind their DATA')
    client.send(windowUpdate(0, 1_000_000))
    await client.frame(FrameType.headers, 1, 1)
    t.equal(client.received(1), 160_000)
  },
)

t.test('an RST_STREAM without error comes after the DATA that waits, any other one at once', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port, [[Setting.initialWindowSize, 1_000_000]])
  client.headers(1, POST, false)
  client.headers(3, POST, false)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 3)
  for (const id of [1, 3]) {
    server.headers(id, OK, false)
    for (let sent = 0; sent < 80_000; sent += 16_000) server.data(id, Buffer.alloc(16_000), sent === 64_000)
  }
  await until(() => client.received(1) + client.received(3) === 65_535)
  server.send(frame(FrameType.reset, 0, 1, Buffer.alloc(4)), frame(FrameType.reset, 0, 3, Buffer.from([0, 0, 0, 2])))
  t.equal(await client.resetCode(3), 2)
  t.equal(client.of(FrameType.reset, 1).length, 0)
  client.send(windowUpdate(0, 1_000_000))
  t.equal(await client.resetCode(1), 0)
  t.equal(client.received(1), 80_000)
})

t.test(
  'the upstream gets connection credit for what the client has taken only, and for what nobody wants',
  async (t) => {
    const upstream = await rawServer(t)
    const router = await startRouter(t, { baseline: upstream.port, limits: { connectionWindow: 100_000 } })
    const client = await rawClient(t, router.port, [[Setting.initialWindowSize, 1_000_000]])
    client.headers(1, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, 1)
    const first = increments(server, 0)
    t.equal(first, 100_000 - 65_535)
    server.headers(1, OK, false)
    for (let sent = 0; sent < 96_000; sent += 16_000) server.data(1, Buffer.alloc(16_000))
    await until(() => client.received(1) === 65_535)
    t.ok(increments(server, 0) - first <= 65_535, 'what waits is not credited')
    client.send(frame(FrameType.reset, 0, 1, Buffer.from([0, 0, 0, 8])))
    t.equal(await server.resetCode(1), 8)
    await until(() => increments(server, 0) - first >= 75_000)
    t.pass('what was dropped is')
    for (let sent = 0; sent < 160_000; sent += 16_000) {
      server.data(1, Buffer.alloc(16_000))
      await server.roundTrip()
    }
    t.ok(increments(server, 0) - first >= 96_000 + 160_000 - 25_000, 'DATA of a stream that is over is')
  },
)

t.test('the client gets connection credit for DATA of streams that are over', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, limits: { connectionWindow: 100_000 } })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.send(frame(FrameType.reset, 0, 1, Buffer.from([0, 0, 0, 7])))
  t.equal(await client.resetCode(1), 7)
  for (let sent = 0; sent < 480_000; sent += 16_000) {
    client.data(1, Buffer.alloc(16_000))
    await client.roundTrip()
  }
  t.notOk(client.closed)
  t.equal(client.of(FrameType.reset, 1).length, 1, 'what was on its way is ignored')
})

t.test('padding that does not fit is dropped and given back, to the stream and to the connection', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 10]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  client.send(padded(1, 'abcdef', 200))
  const server = await upstream.peer()
  await until(() => server.received(1) === 6)
  t.equal(server.of(FrameType.data, 1)[0]?.payload.toString(), 'abcdef')
  await until(() => increments(client, 1) === 201)
  client.headers(3, GET)
  await server.frame(FrameType.headers, 3)
  server.send(settingsFrame([[Setting.initialWindowSize, 65_535]]))
  server.headers(3, OK, false)
  client.send(settingsFrame([[Setting.initialWindowSize, 6]]))
  await client.frame(FrameType.headers, 3)
  await until(() => announced(server).length >= 2)
  client.headers(5, GET)
  await server.frame(FrameType.headers, 5)
  server.headers(5, OK, false)
  server.send(padded(5, 'uvwxyz', 100))
  await until(() => client.received(5) === 6)
  await until(() => increments(server, 5) === 101)
})

t.test('padded DATA that fits passes as it is', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  client.send(padded(1, 'abc', 5))
  const server = await upstream.peer()
  t.same(await server.frame(FrameType.data, 1), {
    type: FrameType.data,
    flags: 8,
    id: 1,
    payload: Buffer.from('\u0005abc\0\0\0\0\0'),
  })
})

t.test('a client that sends more than the stream window is stopped', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  for (let sent = 0; sent < 80_000; sent += 16_000) client.data(1, Buffer.alloc(16_000))
  t.equal(await client.resetCode(1), 3)
  t.ok((await upstream.peer()).received(1) <= 65_535)
})

t.test('a client that sends more than the connection window is cut off', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 0]])
  const limits = { connectionWindow: 80_000, buffered: 10_000 }
  const router = await startRouter(t, { baseline: upstream.port, limits })
  const client = await rawClient(t, router.port)
  for (const id of [1, 3, 5]) {
    client.headers(id, POST, false)
    for (let sent = 0; sent < 48_000; sent += 16_000) client.data(id, Buffer.alloc(16_000))
  }
  t.equal(await client.goawayCode(), 3)
})

t.test(
  'an upstream that sends more than the connection window is cut off, and its streams end with an error',
  async (t) => {
    const upstream = await rawServer(t)
    const router = await startRouter(t, { baseline: upstream.port, limits: { connectionWindow: 80_000 } })
    const client = await rawClient(t, router.port, [[Setting.initialWindowSize, 1_000_000]])
    client.headers(1, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, 1)
    server.headers(1, OK, false)
    for (let sent = 0; sent < 320_000; sent += 16_000) server.data(1, Buffer.alloc(16_000))
    t.equal(await client.resetCode(1), 2)
    t.equal(await server.goawayCode(), 3)
  },
)

t.test('a reader that stalls stalls only its own stream, up and down', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.send(windowUpdate(0, 10_000_000))
  client.headers(1, POST, false)
  client.headers(3, POST, false)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 3)
  server.send(windowUpdate(0, 10_000_000))
  server.headers(1, OK, false)
  server.headers(3, OK, false)
  // Stream 1: nobody gives credit. Stream 3: everybody does.
  for (let sent = 0; sent < 64_000; sent += 16_000) {
    client.data(1, Buffer.alloc(16_000))
    server.data(1, Buffer.alloc(16_000))
  }
  for (let round = 1; round <= 100; round++) {
    client.data(3, Buffer.alloc(16_000))
    server.data(3, Buffer.alloc(16_000))
    await until(() => server.received(3) === round * 16_000 && client.received(3) === round * 16_000)
    client.send(windowUpdate(3, 16_000))
    server.send(windowUpdate(3, 16_000))
    await client.roundTrip()
    await server.roundTrip()
  }
  t.equal(server.received(1), 64_000)
  t.equal(client.received(1), 64_000)
})

t.test('an upstream that hangs with an upload does not stop uploads to another one', async (t) => {
  const hung = await rawServer(t, [[Setting.initialWindowSize, 0]])
  const alive = await rawServer(t, [[Setting.initialWindowSize, 1_000_000]])
  const router = await startRouter(t, { baseline: alive.port, forks: { hung: hung.port } })
  const client = await rawClient(t, router.port)
  for (let id = 1; id < 20; id += 2) {
    client.headers(id, [...POST, ['baggage', 'sidetrack=hung']], false)
    for (let sent = 0; sent < 64_000; sent += 16_000) client.data(id, Buffer.alloc(16_000))
  }
  client.headers(21, POST, false)
  const server = await alive.peer()
  await server.frame(FrameType.headers, 21)
  server.send(windowUpdate(0, 10_000_000))
  for (let sent = 16_000; sent <= 800_000; sent += 16_000) {
    client.data(21, Buffer.alloc(16_000))
    await until(() => server.received(21) === sent)
  }
  t.pass()
})

t.test('credit that comes before the upstream stream exists is kept for it', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.send(windowUpdate(1, 1_234))
  const server = await upstream.peer()
  await until(() => increments(server, 1) === 1_234)
  t.equal(server.of(FrameType.windowUpdate, 1).length, 1)
})
