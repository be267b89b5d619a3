// Peers that are awkward in ways that RFC 9113 and RFC 7541 allow, and a few that they do not.

import http2 from 'node:http2'
import net from 'node:net'
import t from 'tap'
import { FrameType, PREFACE, frame, goawayFrame, windowUpdate } from '../../../sidecar/http2/frame.ts'
import { literalBlock } from '../../../sidecar/http2/hpack/literal-writer.ts'
import { SETTINGS_ACK, Setting, settingsFrame } from '../../../sidecar/http2/settings.ts'
import { until } from '../../fixtures/until.ts'
import { listen } from '../../fixtures/http2/listen.ts'
import { type Fields, GET, OK, POST } from '../../fixtures/http2/fields.ts'
import { RawPeer, echoStatus, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

const settings = (payload: Buffer): [number, number][] =>
  Array.from({ length: payload.length / 6 }, (_, n) => [payload.readUInt16BE(n * 6), payload.readUInt32BE(n * 6 + 2)])

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

t.test('HEADERS and DATA wait until a new upstream has sent its SETTINGS', async (t) => {
  const upstream = await rawServer(t, 'mute')
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  client.data(1, 'body', true)
  const server = await upstream.peer()
  await server.frame(FrameType.windowUpdate, 0)
  await client.roundTrip()
  t.notOk(server.frames.some(({ type }) => type <= FrameType.headers))
  server.send(settingsFrame([[Setting.initialWindowSize, 2]]))
  t.same(await server.fields(1), POST)
  t.equal((await server.frame(FrameType.data, 1)).payload.toString(), 'bo')
})

t.test('the router asks for no table, no push, and never for larger frames', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port, [
    [Setting.maxFrameSize, 1_000_000],
    [Setting.maxHeaderListSize, 4_321],
    [Setting.initialWindowSize, 777],
  ])
  client.headers(1, GET)
  const server = await upstream.peer()
  t.same(settings((await client.frame(FrameType.settings)).payload), [
    [Setting.headerTableSize, 0],
    [Setting.maxConcurrentStreams, 10_000],
    [Setting.maxHeaderListSize, 131_072],
  ])
  t.same(settings((await server.frame(FrameType.settings)).payload), [
    [Setting.headerTableSize, 0],
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, 777],
    [Setting.maxHeaderListSize, 4_321],
  ])
})

t.test('each hop hears in its first block that there is no table, even one that announced a small one', async (t) => {
  const upstream = await rawServer(t, [[Setting.headerTableSize, 64]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port, [[Setting.headerTableSize, 0]])
  client.headers(1, GET)
  client.headers(3, GET)
  const server = await upstream.peer()
  t.equal((await server.frame(FrameType.headers, 1)).payload[0], 0x20)
  t.not((await server.frame(FrameType.headers, 3)).payload[0], 0x20)
  server.headers(1, OK)
  server.headers(3, OK)
  t.equal((await client.frame(FrameType.headers, 1)).payload[0], 0x20)
  t.not((await client.frame(FrameType.headers, 3)).payload[0], 0x20)
})

t.test('a full HEADERS frame that the size update makes too long goes on in a CONTINUATION', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  const room = 16_384 - literalBlock([...GET, ['x', '']]).length - 2
  const fields: Fields = [...GET, ['x', 'v'.repeat(room)]]
  t.equal(literalBlock(fields).length, 16_384)
  client.headers(1, fields)
  const server = await upstream.peer()
  const rest = await server.frame(FrameType.continuation, 1)
  t.equal(rest.payload.length, 1)
  t.same(server.decode(Buffer.concat([(await server.frame(FrameType.headers, 1)).payload, rest.payload])), fields)
})

t.test('a block in many CONTINUATION frames, with padding and priority, is the same block upstream', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  const fields: Fields = [...GET, ['x', 'v'.repeat(100)]]
  const block = literalBlock(fields)
  const first = Buffer.concat([hex('03'), hex('0000000010'), block.subarray(0, 5), hex('000000')])
  client.send(frame(FrameType.headers, 0x29, 1, first))
  for (let at = 5; at < block.length; at += 5) {
    client.send(frame(FrameType.continuation, at + 5 < block.length ? 0 : 4, 1, block.subarray(at, at + 5)))
  }
  const server = await upstream.peer()
  t.same(await server.fields(1), fields)
})

t.test('padded HEADERS and HEADERS with a priority pass', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.send(
    frame(FrameType.headers, 0x2d, 1, Buffer.concat([hex('02'), hex('0000000010'), literalBlock(GET), hex('0000')])),
  )
  echoStatus(await upstream.peer())
  t.same(await client.fields(1), OK)
})

t.test('a client that acknowledges late may use its table, for heads, trailers and refused streams', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, limits: { streams: 2 } })
  const client = await rawClient(t, router.port)
  const indexed = (fields: Fields, more: string): Buffer => Buffer.concat([literalBlock(fields), hex(more)])
  client.send(frame(FrameType.headers, 4, 1, indexed(POST, '4001610162')))
  client.send(frame(FrameType.headers, 4, 3, indexed(POST, 'be')))
  // Refused, and adds an entry.
  client.send(frame(FrameType.headers, 5, 5, indexed(GET, '4001630164')))
  t.equal(await client.resetCode(5), 7)
  client.send(frame(FrameType.headers, 5, 1, hex('be')), frame(FrameType.headers, 5, 3, hex('bf')))
  const server = await upstream.peer()
  t.same(await server.fields(1), [...POST, ['a', 'b']])
  t.same(await server.fields(3), [...POST, ['a', 'b']])
  t.same(await server.fields(1, 1), [['c', 'd']])
  t.same(await server.fields(3, 1), [['a', 'b']])
})

t.test('an upstream that uses its table is understood, also in responses that nobody waits for', async (t) => {
  const upstream = await rawServer(t, 'mute')
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.headers(3, GET)
  const server = await upstream.peer()
  server.send(settingsFrame([]))
  await server.frame(FrameType.headers, 3)
  client.send(frame(FrameType.reset, 0, 1, hex('00000008')))
  await server.frame(FrameType.reset, 1)
  server.send(frame(FrameType.headers, 5, 1, Buffer.concat([literalBlock(OK), hex('4001610162')])))
  server.send(frame(FrameType.headers, 5, 3, Buffer.concat([literalBlock(OK), hex('be')])))
  t.same(await client.fields(3), [...OK, ['a', 'b']])
})

t.test(
  'an upstream that takes one stream at a time gets them one by one, in order, and the client learns it',
  async (t) => {
    const upstream = await rawServer(t, [[Setting.maxConcurrentStreams, 1]])
    const router = await startRouter(t, { baseline: upstream.port })
    const client = await rawClient(t, router.port)
    const ids = Array.from({ length: 20 }, (_, n) => n * 2 + 1)
    for (const id of ids) {
      client.headers(id, POST, false)
      client.data(id, `body ${id}`, true)
    }
    const server = await upstream.peer()
    for (const id of ids) {
      t.equal((await server.frame(FrameType.data, id)).payload.toString(), `body ${id}`)
      t.equal(server.of(FrameType.headers).at(-1)?.id, id, 'no other one has come')
      server.headers(id, OK)
      await client.frame(FrameType.headers, id)
    }
    const told = client.of(FrameType.settings).find(({ payload }) => payload.length === 6)
    t.same(told?.payload, settingsFrame([[Setting.maxConcurrentStreams, 1]]).subarray(9))
  },
)

t.test('a stream that the client resets while it waits never reaches the upstream', async (t) => {
  const upstream = await rawServer(t, [[Setting.maxConcurrentStreams, 1]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.headers(3, GET)
  client.headers(5, GET)
  client.send(frame(FrameType.reset, 0, 3, hex('00000008')))
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.headers(1, OK)
  await server.frame(FrameType.headers, 5)
  t.notOk(server.frames.some(({ id }) => id === 3))
})

t.test('a GOAWAY refuses what the upstream did not see, moves what was not sent, and is not passed on', async (t) => {
  const upstream = await rawServer(t, [[Setting.maxConcurrentStreams, 2]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  for (const id of [1, 3, 5, 7]) client.headers(id, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 3)
  server.send(goawayFrame(1, 0))
  t.equal(await client.resetCode(3), 7)
  const fresh = await upstream.peer(1)
  await fresh.frame(FrameType.headers, 7)
  t.same(
    fresh.of(FrameType.headers).map(({ id }) => id),
    [5, 7],
  )
  server.headers(1, OK)
  t.same(await client.fields(1), OK)
  await server.closing()
  fresh.headers(5, OK)
  t.same(await client.fields(5), OK)
  t.equal(client.of(FrameType.goaway).length, 0)
})

t.test('calls go through, or are refused as retryable, while node:http2 says GOAWAY again and again', async (t) => {
  const server = http2.createServer((_request, response) => void setImmediate(() => response.end('ok')))
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => {})
  })
  const router = await startRouter(t, { baseline: await listen(server) })
  t.teardown(() => server.close())
  const client = http2.connect(`http://127.0.0.1:${router.port}`)
  client.on('error', () => {})
  t.teardown(() => client.destroy())
  const outcomes = new Map<string, number>()
  const count = (what: string): void => void outcomes.set(what, (outcomes.get(what) ?? 0) + 1)
  const call = (): Promise<void> =>
    new Promise((resolve) => {
      const stream = client.request({ ':path': '/' })
      stream.on('response', (headers) => count(String(headers[':status'])))
      stream.on('error', () => {})
      stream.on('close', () => {
        if (stream.rstCode !== 0) count(`reset ${stream.rstCode}`)
        resolve()
      })
      stream.resume()
    })
  for (let round = 0; round < 50; round++) {
    const calls = Array.from({ length: 20 }, call)
    for (const session of sessions) session.close()
    await Promise.all(calls)
    if (client.closed || client.destroyed) break
  }
  t.equal((outcomes.get('200') ?? 0) + (outcomes.get('reset 7') ?? 0), 1000)
  t.ok((outcomes.get('200') ?? 0) > 900, JSON.stringify([...outcomes]))
})

t.test('interim responses pass, as many as there are', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, forks: { k: upstream.port } })
  const client = await rawClient(t, router.port)
  client.headers(1, [...GET, ['baggage', 'sidetrack=k']])
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  const hints: Fields = [
    [':status', '103'],
    ['link', '</a>'],
  ]
  server.headers(1, [[':status', '100']], false)
  server.headers(1, hints, false)
  server.headers(1, OK)
  t.same(await client.fields(1), [[':status', '100']])
  t.same(await client.fields(1, 1), hints)
  t.same(await client.fields(1, 2), [...OK, ['sidetrack-route', 'shop=k']])
})

t.test('PRIORITY and unknown frames are dropped, unknown settings ignored', async (t) => {
  const upstream = await rawServer(t, [[0x99, 5]])
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port, [[0x4321, 1]])
  client.send(frame(FrameType.priority, 0, 7, hex('0000000010')), frame(0xbe, 0xff, 1, Buffer.from('unknown')))
  client.headers(9, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 9)
  server.send(frame(0xbe, 0xff, 9, Buffer.from('unknown')))
  server.headers(9, OK)
  t.same(await client.fields(9), OK)
  t.notOk(server.frames.some(({ type }) => type === FrameType.priority || type === 0xbe))
  t.notOk(client.frames.some(({ type }) => type === 0xbe))
})

t.test('a pushed stream, which was switched off, ends the upstream session', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.send(frame(FrameType.pushPromise, 4, 1, Buffer.concat([hex('00000002'), literalBlock(GET)])))
  t.equal(new Map(await client.fields(1)).get('sidetrack-error'), 'ST1104')
  t.equal(await server.goawayCode(), 1)
})

t.test('an upstream that does not speak HTTP/2 is named in a 502', async (t) => {
  const upstream = await rawServer(t, 'mute')
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  server.send(Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))
  const answer = new Map(await client.fields(1))
  t.equal(answer.get(':status'), '502')
  t.equal(answer.get('sidetrack-error'), 'ST1104')
})

t.test('bytes that come one by one are the same frames', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  const bytes = Buffer.concat([
    frame(FrameType.headers, 4, 1, literalBlock(POST)),
    frame(FrameType.data, 0, 1, Buffer.from('hello')),
    frame(FrameType.data, 1, 1, Buffer.alloc(0)),
  ])
  for (const byte of bytes) {
    client.send(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const server = await upstream.peer()
  t.same(await server.fields(1), POST)
  t.equal((await server.frame(FrameType.data, 1)).payload.toString(), 'hello')
  t.equal((await server.frame(FrameType.data, 1, 1)).flags, 1)
})

t.test('a preface in two parts is a preface, and a wrong one gets a GOAWAY', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const open = (bytes: Buffer): RawPeer => {
    const peer = new RawPeer(net.connect(router.port, '127.0.0.1'), false)
    t.teardown(() => peer.socket.destroy())
    peer.send(bytes)
    return peer
  }
  const split = open(PREFACE.subarray(0, 10))
  await split.frame(FrameType.settings)
  split.send(PREFACE.subarray(10), settingsFrame([]))
  await until(() => split.of(FrameType.settings).length === 2)
  const wrong = open(Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'))
  t.equal(await wrong.goawayCode(), 1)
  await wrong.closing()
})

t.test('a keepalive is answered here while there is traffic, and by every upstream when there is none', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  server.answersPings = false
  await server.frame(FrameType.headers, 1)
  await client.roundTrip()
  t.equal(server.of(FrameType.ping).length, 0)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  client.send(frame(FrameType.ping, 0, 0, Buffer.from('keepaliv')))
  await server.frame(FrameType.ping)
  const acks = (): number => client.of(FrameType.ping).length
  t.equal(acks(), 1, 'an upstream that hangs is not hidden')
  server.send(frame(FrameType.ping, 1, 0, Buffer.alloc(8)))
  await until(() => acks() === 2)
  t.equal(client.of(FrameType.ping).at(-1)?.payload.toString(), 'keepaliv')
})

t.test('the PING of an upstream is answered here', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  await server.roundTrip()
  t.equal(server.of(FrameType.ping)[0]?.payload.toString(), 'settled!')
})

t.test('stream ids with gaps and a reused connection window keep going for a thousand streams', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, forks: { k: upstream.port } })
  const client = await rawClient(t, router.port)
  client.send(windowUpdate(0, 1_000_000), SETTINGS_ACK)
  client.headers(1, GET)
  client.headers(3, [...GET, ['baggage', 'sidetrack=k']])
  echoStatus(await upstream.peer(0))
  echoStatus(await upstream.peer(1))
  for (let id = 5; id < 5_000; id += 6) client.headers(id, id % 4 === 1 ? GET : [...GET, ['baggage', 'sidetrack=k']])
  await until(() => client.of(FrameType.data).length === 2 + 833)
  t.equal(router.counts.baseline + router.counts.fork, 835)
})
