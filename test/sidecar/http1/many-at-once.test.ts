// Many requests in one turn of the event loop, whose messages are written together at its end: whatever comes behind them, all arrive whole.

import t, { type Test } from 'tap'
import { startDataPath } from '../../fixtures/data-path.ts'
import type { Peer } from '../../fixtures/peer.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { RawUpstream } from '../../fixtures/raw-upstream.ts'

const MANY = 32
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'

/** Clients that have each sent `request`, and the baseline's ends of their connections, which have got them. */
async function start(t: Test, request: string, received = request) {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const clients: Peer[] = []
  for (let i = 0; i < MANY; i++) clients.push(await connect(path.port))
  for (const client of clients) client.send(request)
  await baseline.untilBytes(received.length * MANY)
  t.equal(path.plane.inFlight.requests, MANY)
  return { clients, upstreams: baseline.peers, path }
}

for (const [what, answer, act] of [
  ['the connection stays', HELLO, () => {}],
  ['the upstream closes', HELLO, (upstream: Peer) => upstream.end()],
  ['the response ends the connection', HELLO.replace('\r\n', '\r\nConnection: close\r\n'), () => {}],
  ['only the upstream’s close ends it', 'HTTP/1.1 200 OK\r\n\r\nhello', (upstream: Peer) => upstream.end()],
  ['the upstream says more than it announced', `${HELLO}more`, () => {}],
] as const) {
  t.test(`every answer arrives whole if ${what}`, async (t) => {
    const { clients, upstreams } = await start(t, GET)
    for (const upstream of upstreams) {
      upstream.send(answer)
      act(upstream)
    }
    const expected = answer.replace(/more$/, '')
    for (const client of clients) t.equal(await client.untilBytes(expected.length), expected)
  })
}

t.test('a response that breaks off comes as far as it came, and is reset as if it had come alone', async (t) => {
  const { clients, upstreams, path } = await start(t, GET)
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n'
  for (const upstream of upstreams) upstream.send(`${head}hello`)
  for (const client of clients) await client.untilText('hello')
  for (const upstream of upstreams) upstream.reset()
  for (const client of clients) {
    await client.untilClosed()
    t.equal(client.error, 'ECONNRESET')
  }
  await path.untilIdle()
})

t.test('requests behind each other are answered in their order', async (t) => {
  const { clients, upstreams } = await start(t, GET.repeat(3), GET)
  for (const [round, body] of ['one', 'two', 'six'].entries()) {
    for (const upstream of upstreams) {
      await upstream.untilBytes(GET.length * (round + 1))
      upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${body}`)
    }
  }
  for (const client of clients) t.match(await client.untilText('six'), /one.*two.*six$/s)
})

t.test('the sidecar’s own answer comes behind that of an upstream', async (t) => {
  const { clients, upstreams } = await start(t, `${GET}nonsense\r\n\r\n`, GET)
  for (const upstream of upstreams) upstream.send(HELLO)
  for (const client of clients) t.match(await client.untilEnd(), /^HTTP\/1\.1 200 .*helloHTTP\/1\.1 400 /s)
})
