// What was on its way when the last GOAWAY was sent costs no other stream anything (RFC 9113 §6.8).

import net from 'node:net'
import t from 'tap'
import { FrameType, PREFACE, frame, windowUpdate } from '../../../sidecar/http2/frame.ts'
import { settingsFrame } from '../../../sidecar/http2/settings.ts'
import { GET, OK, POST } from '../../fixtures/http2/fields.ts'
import { RawPeer, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

t.test('frames of streams that GOAWAY no longer accepts are ignored, and open streams finish', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers)
  router.sessions[0]?.drain()
  const { payload } = await client.frame(FrameType.ping)
  client.send(frame(FrameType.ping, 1, 0, payload))
  const last = await client.frame(FrameType.goaway, 0, 1)
  t.equal(last.payload.readUInt32BE(0), 1, 'stream 1 is the last one')

  client.headers(3, POST, false)
  client.data(3, 'on its way')
  client.send(windowUpdate(3, 10))
  client.data(3, '', true)
  client.headers(5, POST, false)
  client.send(frame(FrameType.reset, 0, 5, Buffer.from([0, 0, 0, 8])))
  await client.roundTrip()
  server.headers(1, OK, false)
  server.data(1, 'whole', true)
  t.same(await client.fields(1), OK)
  await client.closing()
  t.equal(client.received(1), 5)
  t.same(
    client.of(FrameType.goaway).map((each) => each.payload.readUInt32BE(4)),
    [0, 0],
    'no error',
  )
  t.equal(server.of(FrameType.headers).length, 1, 'the upstream saw the first only')
})

t.test(
  'a client that was still to say its SETTINGS when the end began is served, and the end comes though it acknowledges nothing',
  async (t) => {
    const upstream = await rawServer(t)
    const router = await startRouter(t, { baseline: upstream.port })
    const client = new RawPeer(net.connect(router.port, '127.0.0.1'), false)
    t.teardown(() => client.socket.destroy())
    client.send(PREFACE)
    await client.frame(FrameType.settings)
    router.sessions[0]?.drain()
    await client.frame(FrameType.ping)
    client.send(settingsFrame([]))
    client.headers(1, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers)
    await client.frame(FrameType.goaway, 0, 1)
    server.headers(1, OK)
    t.same(await client.fields(1), OK)
    await client.closing()
    t.same(
      client.of(FrameType.goaway).map((each) => [each.payload.readInt32BE(0), each.payload.readUInt32BE(4)]),
      [
        [2 ** 31 - 1, 0],
        [1, 0],
      ],
    )
  },
)
