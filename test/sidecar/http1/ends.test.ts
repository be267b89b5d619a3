import net from 'node:net'
import t, { type Test } from 'tap'
import { startDataPath, ready } from '../../fixtures/data-path.ts'
import { openRequest } from '../../fixtures/open-request.ts'
import { type Peer, turn } from '../../fixtures/peer.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { RawUpstream } from '../../fixtures/raw-upstream.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhello'
const CHUNKED_UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\n\r\nhello'
const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

const PIECE = Buffer.alloc(4096, 'x')

function activeSockets(): readonly net.Socket[] {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles: () => readonly unknown[] }
  return handles.call(process).filter((each) => each instanceof net.Socket)
}

interface Exchange {
  readonly client: Peer
  readonly upstream: Peer
  readonly idle: () => Promise<void>
  /** The sidecar's end of the upstream's connection. */
  readonly dialled: () => net.Socket
}

/** A client whose request has reached the baseline, while so many `others` wait for their answers. */
async function openExchange(t: Test, request: string, others: number): Promise<Exchange> {
  const { client, upstream, path, baseline } = await openRequest(t, request)
  const { inFlight } = path.plane
  for (let i = 0; i < others; i++) inFlight.asked()
  const { port } = baseline.address
  const dialled = () => activeSockets().find((each) => each.remotePort === port) as net.Socket
  const idle = async () => {
    for (let i = 0; i < others; i++) inFlight.answered()
    await path.untilIdle()
    await baseline.untilAllClosed()
  }
  return { client, upstream, idle, dialled }
}

// Beside eight others small messages wait for the end of the turn.
for (const [beside, others] of [
  ['', 0],
  [', beside eight others', 8],
] as const) {
  const exchange = (t: Test, request: string) => openExchange(t, request, others)

  for (const [what, request] of Object.entries({
    'before the answer': GET,
    'in a body of a given length': UPLOAD,
    'in a chunked body': CHUNKED_UPLOAD,
  })) {
    t.test(`a client’s reset ${what} resets the upstream${beside}`, async (t) => {
      const { client, upstream, idle } = await exchange(t, request)
      client.reset()
      await upstream.untilClosed()
      t.equal(upstream.error, 'ECONNRESET')
      await idle()
    })

    t.test(`a client’s close ${what} reaches the upstream${beside}`, async (t) => {
      const { client, upstream, idle } = await exchange(t, request)
      client.socket.destroy()
      await upstream.untilEnd()
      t.ok(upstream.ended || upstream.closed)
      upstream.end()
      await idle()
    })
  }

  for (const [what, answer] of Object.entries({
    'of a given length': LENGTH,
    'that is chunked': CHUNKED,
    'that lasts to the end': UNTIL_CLOSE,
  })) {
    t.test(`a client’s reset in an answer ${what} resets the upstream${beside}`, async (t) => {
      const { client, upstream, idle } = await exchange(t, GET)
      upstream.send(answer)
      await client.untilBytes(answer.length)
      client.reset()
      await upstream.untilClosed()
      t.equal(upstream.error, 'ECONNRESET')
      await idle()
    })

    t.test(`an upstream’s reset in an answer ${what} resets the client${beside}`, async (t) => {
      const { client, upstream, idle } = await exchange(t, GET)
      upstream.send(answer)
      await client.untilBytes(answer.length)
      upstream.reset()
      await client.untilClosed()
      t.equal(client.error, 'ECONNRESET')
      t.equal(client.text, answer, 'what had come before is there')
      await idle()
    })

    t.test(
      `an upstream’s end in an answer ${what} ends the client’s connection with nothing more${beside}`,
      async (t) => {
        const { client, upstream, idle } = await exchange(t, GET)
        upstream.send(answer)
        await client.untilBytes(answer.length)
        upstream.end()
        t.equal(await client.untilEnd(), answer)
        client.end()
        await idle()
      },
    )
  }

  t.test(`an upstream’s reset in an upload resets the client${beside}`, async (t) => {
    const { client, upstream, idle } = await exchange(t, UPLOAD)
    upstream.reset()
    await client.untilClosed()
    t.equal(client.error, 'ECONNRESET')
    await idle()
  })

  t.test(`a client’s reset in a tunnel resets the upstream${beside}`, async (t) => {
    const { client, upstream, idle } = await exchange(t, UPGRADE)
    upstream.send(SWITCHED)
    await client.untilBytes(SWITCHED.length)
    client.reset()
    await upstream.untilClosed()
    t.equal(upstream.error, 'ECONNRESET')
    await idle()
  })

  t.test(`what a client sent into a tunnel arrives whole, though both sides have ended${beside}`, async (t) => {
    const { client, upstream, idle, dialled } = await exchange(t, UPGRADE)
    upstream.send(SWITCHED)
    await client.untilBytes(SWITCHED.length)
    upstream.socket.pause()
    // Until the kernel takes no more from the sidecar, which takes no more from the client then: not even its end.
    let sent = UPGRADE.length
    for (let waiting = 0; waiting < 20;) {
      if (dialled().writableLength > 0) waiting++
      else sent += Number(client.send(PIECE)) * PIECE.length
      await turn()
    }
    client.end()
    t.ok(dialled().writableLength > 0, 'bytes wait in the sidecar')
    upstream.end()
    await client.untilEnd()
    upstream.socket.resume()
    await upstream.until('all of it', () => upstream.length >= sent || upstream.closed)
    t.equal(upstream.length, sent)
    await idle()
  })

  t.test(`what an upstream sent into a tunnel arrives whole, though both sides have ended${beside}`, async (t) => {
    const { client, upstream, idle } = await exchange(t, UPGRADE)
    upstream.send(SWITCHED)
    await client.untilBytes(SWITCHED.length)
    client.socket.pause()
    const bytes = Buffer.alloc(20_000_000, 'x')
    upstream.send(bytes)
    upstream.end()
    client.end()
    await upstream.untilEnd()
    client.socket.resume()
    await client.until('all of it', () => client.length >= SWITCHED.length + bytes.length || client.closed)
    t.equal(client.length, SWITCHED.length + bytes.length)
    await idle()
  })

  t.test(`an answer and a reset at once both reach the client${beside}`, async (t) => {
    const { client, upstream, idle } = await exchange(t, GET)
    upstream.send(LENGTH)
    upstream.reset()
    await client.untilClosed()
    t.equal(client.text, LENGTH)
    t.equal(client.error, 'ECONNRESET')
    await idle()
  })
}

t.test('a client that resets while several upstreams are idle closes them all', async (t) => {
  const baseline = await RawUpstream.start()
  const fork = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address, routes: [ready('pr-42', fork.address)] })
  t.teardown(() => [path.close(), baseline.close(), fork.close()])
  const client = await connect(path.port)
  const answer = 'HTTP/1.1 204 No Content\r\n\r\n'
  client.send(GET)
  await baseline.untilText(GET)
  baseline.last.send(answer)
  await client.untilText(answer)
  const keyed = 'GET / HTTP/1.1\r\nHost: a\r\nbaggage: sidetrack=pr-42\r\n\r\n'
  client.send(keyed)
  await fork.untilText(keyed)
  fork.last.send(answer)
  await client.untilText('sidetrack-route')
  client.reset()
  for (const upstream of [baseline, fork]) {
    await upstream.until('the end', () => upstream.last.ended || upstream.last.closed)
    upstream.last.end()
    await upstream.untilAllClosed()
  }
  await path.untilIdle()
  t.equal(path.connections.size, 0)
})
