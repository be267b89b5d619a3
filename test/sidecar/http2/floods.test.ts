// Peers that mean harm: the connection ends with the right code, memory stays bounded, others notice nothing.

import net from 'node:net'
import t, { type Test } from 'tap'
import { FrameType, frame, windowUpdate } from '../../../sidecar/http2/frame.ts'
import { literalBlock } from '../../../sidecar/http2/hpack/literal-writer.ts'
import { Setting, settingsFrame } from '../../../sidecar/http2/settings.ts'
import { until } from '../../fixtures/until.ts'
import { GET, OK, POST } from '../../fixtures/http2/fields.ts'
import { type RawPeer, echoStatus, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { type Router, startRouter } from '../../fixtures/http2/router.ts'

const ENHANCE_YOUR_CALM = 11
const FRAME_SIZE_ERROR = 6

interface Stage {
  readonly router: Router
  readonly client: RawPeer
  readonly server: () => Promise<RawPeer>
}

/** A router before a raw baseline, and a client; afterwards another client of the same router must still be served. */
async function stage(t: Test, act: (stage: Stage) => Promise<void>): Promise<void> {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  await act({ router, client, server: () => upstream.peer() })
  const count = upstream.peers.length
  const other = await rawClient(t, router.port)
  other.headers(1, GET)
  echoStatus(await upstream.peer(count))
  t.same(await other.fields(1), OK, 'another client is served')
}

/** The same frame again and again until the connection ends; returns the code of the GOAWAY. */
async function flood(client: RawPeer, frames: (round: number) => Buffer): Promise<number> {
  for (let round = 0; !client.closed && client.of(FrameType.goaway).length === 0; round++) {
    client.send(frames(round))
    if (client.socket.writableNeedDrain || round % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    if (round > 200_000) throw new Error('nobody stopped the flood')
  }
  return client.goawayCode()
}

function openAndReset(round: number): Buffer {
  const id = round * 2 + 1
  return Buffer.concat([
    frame(FrameType.headers, 5, id, literalBlock(GET)),
    frame(FrameType.reset, 0, id, Buffer.from([0, 0, 0, 8])),
  ])
}

t.test('a flood of CONTINUATION frames', (t) =>
  stage(t, async ({ client }) => {
    client.send(frame(FrameType.headers, 1, 1, literalBlock(GET)))
    t.equal(
      await flood(client, () => frame(FrameType.continuation, 0, 1, Buffer.alloc(1_000, 0x82))),
      ENHANCE_YOUR_CALM,
    )
  }),
)

t.test('a flood of empty CONTINUATION frames', (t) =>
  stage(t, async ({ client }) => {
    client.send(frame(FrameType.headers, 1, 1, literalBlock(GET)))
    t.equal(await flood(client, () => frame(FrameType.continuation, 0, 1, Buffer.alloc(0))), ENHANCE_YOUR_CALM)
  }),
)

t.test('rapid resets', (t) =>
  stage(t, async ({ client, router }) => {
    t.equal(await flood(client, openAndReset), ENHANCE_YOUR_CALM)
    t.ok(router.counts.baseline < 10_000)
  }),
)

for (const [what, bytes] of [
  ['PING', frame(FrameType.ping, 0, 0, Buffer.alloc(8))],
  ['PING acknowledgements', frame(FrameType.ping, 1, 0, Buffer.alloc(8))],
  ['SETTINGS', settingsFrame([[Setting.initialWindowSize, 65_535]])],
  ['SETTINGS acknowledgements', frame(FrameType.settings, 1, 0, Buffer.alloc(0))],
  ['PRIORITY', frame(FrameType.priority, 0, 3, Buffer.from([0, 0, 0, 0, 16]))],
  ['unknown frames', frame(0xee, 0, 0, Buffer.alloc(0))],
] as const) {
  t.test(`a flood of ${what}`, (t) =>
    stage(t, async ({ client }) => {
      const many = Buffer.concat(Array.from({ length: 100 }, () => bytes))
      t.equal(await flood(client, () => many), ENHANCE_YOUR_CALM)
    }),
  )
}

t.test('a flood of SETTINGS that change the windows of many streams, sooner than others', (t) =>
  stage(t, async ({ client, server }) => {
    for (let id = 1; id < 4_000; id += 2) client.headers(id, POST, false)
    await (await server()).frame(FrameType.headers, 3_999)
    const two = [1, 2].map((size) => settingsFrame([[Setting.initialWindowSize, size]]))
    t.equal(await flood(client, () => Buffer.concat(two)), ENHANCE_YOUR_CALM)
    const changes = client.of(FrameType.settings).length
    t.ok(changes < 100, `after ${changes} changes of 2,000 windows`)
  }),
)

t.test('a flood of empty DATA frames, of which none goes upstream', (t) =>
  stage(t, async ({ client, server }) => {
    client.headers(1, POST, false)
    await (await server()).frame(FrameType.headers, 1)
    const many = Buffer.concat(Array.from({ length: 100 }, () => frame(FrameType.data, 0, 1, Buffer.alloc(0))))
    t.equal(await flood(client, () => many), ENHANCE_YOUR_CALM)
    t.equal((await server()).of(FrameType.data).length, 0)
  }),
)

t.test('a flood of WINDOW_UPDATE for streams that are over', (t) =>
  stage(t, async ({ client, server }) => {
    client.headers(1, GET)
    echoStatus(await server())
    await client.frame(FrameType.data, 1)
    const many = Buffer.concat(Array.from({ length: 100 }, () => windowUpdate(1, 1)))
    t.equal(await flood(client, () => many), ENHANCE_YOUR_CALM)
  }),
)

t.test('PING with every request is not a flood', (t) =>
  stage(t, async ({ client, server }) => {
    client.headers(1, POST, false)
    const upstream = await server()
    upstream.send(windowUpdate(0, 1_000_000), windowUpdate(1, 1_000_000))
    for (let n = 0; n < 30; n++) {
      const ping = frame(FrameType.ping, 0, 0, Buffer.alloc(8))
      const data = frame(FrameType.data, 0, 1, Buffer.of(n))
      client.send(Buffer.concat(Array.from({ length: 1_000 }, () => [data, ping]).flat()))
      await client.roundTrip()
    }
    t.notOk(client.closed)
    await until(() => upstream.received(1) === 30_000)
  }),
)

t.test('a PING flood by a client that reads nothing ends without filling memory', (t) =>
  stage(t, async ({ client }) => {
    client.socket.pause()
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => frame(FrameType.ping, 0, 0, Buffer.alloc(8))))
    for (let n = 0; n < 100; n++) client.send(many)
    client.socket.resume()
    t.equal(await client.goawayCode(), ENHANCE_YOUR_CALM)
  }),
)

t.test('an HPACK bomb gets a 431 and keeps the connection', (t) =>
  stage(t, async ({ client }) => {
    // A field of 4,000 bytes for the table, then 60,000 references to it: 240 MB.
    const value = Buffer.concat([Buffer.from('40016b7fa11e', 'hex'), Buffer.alloc(4_000, 'v')])
    const block = Buffer.concat([literalBlock(GET), value, Buffer.alloc(60_000, 0xbe)])
    client.send(frame(FrameType.headers, 1, 1, block.subarray(0, 16_000)))
    for (let at = 16_000; at < block.length; at += 16_000) {
      const last = at + 16_000 >= block.length
      client.send(frame(FrameType.continuation, last ? 4 : 0, 1, block.subarray(at, at + 16_000)))
    }
    t.equal(new Map(await client.fields(1)).get(':status'), '431')
    t.notOk(client.closed)
  }),
)

t.test('a frame larger than was allowed', (t) =>
  stage(t, async ({ client }) => {
    // Its header is enough: the payload is not waited for.
    client.send(Buffer.from([0x00, 0x40, 0x01, FrameType.headers, 5, 0, 0, 0, 1]))
    t.equal(await client.goawayCode(), FRAME_SIZE_ERROR)
  }),
)

t.test('more streams than allowed are refused, and those that are open go on', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port, limits: { streams: 10 } })
  const client = await rawClient(t, router.port)
  for (let n = 0; n < 20; n++) client.headers(n * 2 + 1, POST, false)
  for (let n = 10; n < 20; n++) t.equal(await client.resetCode(n * 2 + 1), 7)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 19)
  server.headers(19, OK)
  t.same(await client.fields(19), OK)
})

t.test('streams that stall with a zero window cost the router no body', (t) =>
  stage(t, async ({ client, server }) => {
    client.send(settingsFrame([[Setting.initialWindowSize, 0]]))
    for (let n = 0; n < 1_000; n++) client.headers(n * 2 + 1, GET)
    const upstream = await server()
    await upstream.frame(FrameType.headers, 1_999)
    await until(() => upstream.of(FrameType.settings).filter(({ flags }) => flags === 0).length > 0)
    for (let n = 0; n < 1_000; n++) upstream.headers(n * 2 + 1, OK, false)
    await client.frame(FrameType.headers, 1_999)
    const settings = upstream.of(FrameType.settings).filter(({ flags }) => flags === 0)
    t.equal(settings.at(-1)?.payload.readUInt32BE(14), 0, 'the upstream knows that it may send nothing')
  }),
)

t.test('requests that wait for an upstream are refused when they fill what may wait', async (t) => {
  const upstream = await rawServer(t, [[Setting.maxConcurrentStreams, 1]])
  const router = await startRouter(t, { baseline: upstream.port, limits: { buffered: 100_000 } })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  for (let id = 3; id < 40; id += 2) {
    client.headers(id, POST, false)
    client.data(id, Buffer.alloc(16_000))
    client.data(id, Buffer.alloc(16_000), true)
  }
  t.equal(await client.resetCode(39), 7)
  t.notOk(client.closed)
  client.data(1, Buffer.alloc(10_000), true)
  await until(() => server.received(1) === 10_000)
  server.headers(1, OK)
  await server.frame(FrameType.headers, 3)
})

t.test('an upstream that floods is cut off, and the client is told why', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.send(frame(FrameType.headers, 1, 1, literalBlock(OK)))
  t.equal(await flood(server, () => frame(FrameType.continuation, 0, 1, Buffer.alloc(1_000, 0x88))), ENHANCE_YOUR_CALM)
  t.equal(new Map(await client.fields(1)).get('sidetrack-error'), 'ST1104')
})

t.test('a client that never sends its SETTINGS is sent away', async (t) => {
  const router = await startRouter(t, { baseline: 1, limits: { prefaceMs: 50 } })
  const socket = net.connect(router.port, '127.0.0.1')
  socket.write('PRI * HTTP/2.0\r\n')
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])))
  let closed = false
  socket.on('close', () => (closed = true))
  await until(() => closed)
  t.equal(bytes.at(-1), 4, 'SETTINGS_TIMEOUT')
})
