// Credit that is put off is given in the end: whatever held it back, nobody waits for a window for ever.

import t from 'tap'
import { FrameType, windowUpdate } from '../../../sidecar/http2/frame.ts'
import { Setting } from '../../../sidecar/http2/settings.ts'
import { until } from '../../fixtures/until.ts'
import { GET, OK, POST } from '../../fixtures/http2/fields.ts'
import { type RawPeer, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

const WINDOW = 131_072

/** The router announces credit in steps of a quarter, so that much of a window may be on its way back. */
const STEP = WINDOW / 4

const credited = (peer: RawPeer): number =>
  65_535 + peer.of(FrameType.windowUpdate, 0).reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0)

t.test('responses that wait for the client take no credit from its requests', async (t) => {
  const upstream = await rawServer(t, [[Setting.initialWindowSize, 2_000_000]])
  const router = await startRouter(t, { baseline: upstream.port, limits: { buffered: 20_000 } })
  const client = await rawClient(t, router.port, [[Setting.initialWindowSize, 1_000_000]])
  client.headers(1, POST, false)
  const server = await upstream.peer()
  server.send(windowUpdate(0, 10_000_000))
  await server.frame(FrameType.headers, 1)
  server.headers(1, OK, false)
  for (let sent = 0; sent < 112_000; sent += 16_000) server.data(1, Buffer.alloc(16_000))
  await until(() => client.received(1) === 65_535)
  await server.roundTrip()
  // 46,000 bytes of the response wait. A client that first sends everything and then reads must be able to.
  for (let sent = 0; sent < 10 * WINDOW;) {
    if (credited(client) - sent < 16_000) throw new Error(`no credit after ${sent} bytes`)
    client.data(1, Buffer.alloc(16_000))
    sent += 16_000
    await until(() => server.received(1) === sent)
    await client.roundTrip()
  }
  t.equal(client.received(1), 65_535, 'they still wait')
})

t.test('requests get credit again as soon as few enough wait, though the rest of them stays', async (t) => {
  const hung = await rawServer(t, [[Setting.initialWindowSize, 0]])
  const alive = await rawServer(t, [[Setting.initialWindowSize, 1_000_000]])
  const router = await startRouter(t, {
    baseline: alive.port,
    forks: { hung: hung.port },
    limits: { buffered: 10_000 },
  })
  const client = await rawClient(t, router.port)
  client.headers(1, [...POST, ['baggage', 'sidetrack=hung']], false)
  client.headers(3, POST, false)
  const fork = await hung.peer()
  await fork.frame(FrameType.headers, 1)
  const baseline = await alive.peer()
  baseline.send(windowUpdate(0, 10_000_000))
  await baseline.frame(FrameType.headers, 3)
  client.data(1, Buffer.alloc(16_000))
  // All that the connection allows, while too much waits for the fork.
  let sent = 16_000
  for (; sent + 16_000 <= WINDOW; sent += 16_000) {
    client.data(3, Buffer.alloc(16_000))
    await until(() => baseline.received(3) === sent)
  }
  t.equal(credited(client), WINDOW, 'no credit')
  fork.send(windowUpdate(1, 8_000))
  await until(() => fork.received(1) === 8_000)
  await client.roundTrip()
  t.ok(credited(client) - sent > WINDOW - STEP, `of ${WINDOW} bytes ${credited(client) - sent} are back`)
})

t.test('an upstream gets its whole connection window back, however little a client had left untaken', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port, [[Setting.initialWindowSize, 2 ** 31 - 1]])
  client.send(windowUpdate(0, 2 ** 31 - 1 - 65_535))
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 1)
  server.headers(1, OK, false)
  await client.frame(FrameType.headers, 1)
  const [socket] = router.sockets
  if (socket === undefined) throw new Error('no connection')
  let sent = 0
  // Enough rounds to see it if each of them lost what was sent on a backlog of between 32 and 64 KiB, which a socket empties
  // without a `drain`.
  for (let round = 0; round < 4; round++) {
    client.socket.pause()
    while (socket.writableLength < 50_000) {
      const written = socket.bytesWritten
      // Until the kernel's buffers are full, five times as fast: what then is left over is well below 32 KiB.
      const frames = socket.writableLength === 0 ? 5 : 1
      for (let each = 0; each < frames; each++) server.data(1, Buffer.alloc(4_000))
      sent += frames * 4_000
      await until(() => socket.bytesWritten > written)
    }
    client.socket.resume()
    await until(() => client.received(1) === sent)
    await server.roundTrip()
    const left = credited(server) - sent
    if (left <= WINDOW - STEP) throw new Error(`in round ${round} of ${WINDOW} bytes ${left} are back`)
  }
  t.notOk(client.closed)
})
