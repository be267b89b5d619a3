import type net from 'node:net'
import t from 'tap'
import { startDataPath } from '../../fixtures/data-path.ts'
import { turn } from '../../fixtures/peer.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { RawUpstream } from '../../fixtures/raw-upstream.ts'
import { LINGER_MS } from '../../../sidecar/http1/linger.ts'

const CHUNK = Buffer.alloc(64 * 1024, 'x')
const TOTAL = 512 * CHUNK.length
/** More than the buffers of two loopback connections and of the sidecar together hold. */
const PLENTY = TOTAL / 2

/** Writes until the other side takes no more for a while, or all is written; resolves with what is still in this process. */
async function flood(write: () => boolean, count: number, pending: () => number): Promise<number> {
  let written = 0
  for (let stalled = 0; written < count && stalled < 200;) {
    if (pending() > CHUNK.length) {
      stalled++
      await turn()
      continue
    }
    stalled = 0
    write()
    written++
    await turn()
  }
  return written
}

t.test('an upstream stalls when the client does not read, and no byte is lost when it does', async (t) => {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await baseline.untilText('\r\n\r\n')
  client.socket.pause()
  const { last } = baseline
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`
  last.send(head)
  const written = await flood(
    () => last.send(CHUNK),
    TOTAL / CHUNK.length,
    () => last.socket.writableLength,
  )
  t.ok(written * CHUNK.length < PLENTY, `the upstream could write ${written} of ${TOTAL / CHUNK.length} chunks`)
  client.socket.resume()
  for (let rest = TOTAL / CHUNK.length - written; rest > 0; rest--) last.send(CHUNK)
  await client.untilBytes(head.length + TOTAL)
  t.equal(client.length, head.length + TOTAL)
  client.end()
  await path.untilIdle()
})

t.test('a client stalls when the upstream does not read, and no byte is lost when it does', async (t) => {
  const baseline = await RawUpstream.start({ paused: true })
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${TOTAL}\r\n\r\n`
  client.send(head)
  const written = await flood(
    () => client.send(CHUNK),
    TOTAL / CHUNK.length,
    () => client.socket.writableLength,
  )
  t.ok(written * CHUNK.length < PLENTY, `the client could write ${written} of ${TOTAL / CHUNK.length} chunks`)
  baseline.last.socket.resume()
  for (let rest = TOTAL / CHUNK.length - written; rest > 0; rest--) client.send(CHUNK)
  await baseline.untilBytes(head.length + TOTAL)
  baseline.last.send('HTTP/1.1 204 No Content\r\n\r\n')
  t.equal(await client.untilBytes(27), 'HTTP/1.1 204 No Content\r\n\r\n')
  client.end()
  await path.untilIdle()
})

t.test('a client that sends requests without reading answers is not read further', async (t) => {
  const baseline = await RawUpstream.start({
    onConnection: (peer) =>
      peer.socket.on('data', () =>
        peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${CHUNK.length}\r\n\r\n${CHUNK.toString()}`),
      ),
  })
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  client.socket.pause()
  const requests = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2500))
  const written = await flood(
    () => client.send(requests),
    400,
    () => client.socket.writableLength,
  )
  t.ok(written < 400, `the client could write ${written} of 400 batches`)
  t.ok(baseline.length < 1_000_000, `the upstream saw ${baseline.length} bytes of requests`)
  client.reset()
  await path.untilIdle()
  await baseline.untilAllClosed()
})

t.test('a client that reads slowly gets the whole of a last answer', async (t) => {
  const baseline = await RawUpstream.start()
  const sockets: net.Socket[] = []
  const path = await startDataPath({ baseline: baseline.address, onSocket: (socket) => sockets.push(socket) })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await baseline.untilText('\r\n\r\n')
  client.socket.pause()
  // More than the kernel takes, in front of the answer.
  const before = Buffer.alloc(32_000_000, 'x')
  sockets[0]?.write(before)
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
  baseline.last.send(answer)
  await baseline.last.untilEnd()
  t.ok((sockets[0]?.writableLength ?? 0) > answer.length, 'the last bytes wait in the sidecar')
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS + 500))
  client.socket.resume()
  await client.untilEnd()
  t.equal(client.length, before.length + answer.length)
  t.ok(client.text.endsWith(answer))
  client.end()
  await path.untilIdle()
})
