import t from 'tap'
import { ready, startDataPath } from '../../fixtures/data-path.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { RawUpstream, deadAddress } from '../../fixtures/raw-upstream.ts'
import { MAX_FORKS } from '../../../sidecar/http1/upstreams.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const keyed = (key: string) => `GET / HTTP/1.1\r\nHost: a\r\nbaggage: sidetrack=${key}\r\n\r\n`

/** Answers every request head with OK. */
function answering(): Promise<RawUpstream> {
  return RawUpstream.start({
    onConnection: (peer) => peer.socket.on('data', (chunk: Buffer) => chunk.includes('\r\n\r\n') && peer.send(OK)),
  })
}

t.test('a baseline that is down resets the client, as it would without a sidecar', async (t) => {
  const path = await startDataPath({ baseline: await deadAddress() })
  t.teardown(() => path.close())
  const client = await connect(path.port)
  client.send(GET)
  await client.untilClosed()
  t.equal(client.error, 'ECONNRESET')
  t.equal(client.length, 0)
  await path.untilIdle()
})

t.test('no upstream is called before a request is there', async (t) => {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  client.send(GET.slice(0, -2))
  client.end()
  t.equal(await client.untilEnd(), '')
  t.equal(baseline.peers.length, 0)
  await path.untilIdle()
})

t.test('requests of one connection share one connection to each upstream', async (t) => {
  const baseline = await answering()
  const fork = await answering()
  const path = await startDataPath({ baseline: baseline.address, routes: [ready('pr-42', fork.address)] })
  t.teardown(() => [path.close(), baseline.close(), fork.close()])
  const client = await connect(path.port)
  for (let round = 1; round <= 10; round++) {
    client.send(GET + keyed('pr-42'))
    await client.until('both answers', () => client.text.split('\r\n\r\nok').length > round * 2)
  }
  t.equal(baseline.peers.length, 1)
  t.equal(fork.peers.length, 1)
  client.end()
  await path.untilIdle()
})

t.test('clients never share a connection to an upstream', async (t) => {
  const baseline = await answering()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  for (let count = 1; count <= 3; count++) {
    const client = await connect(path.port)
    client.send(GET)
    await client.untilText('ok')
    client.end()
    await path.untilIdle()
    t.equal(baseline.peers.length, count)
  }
})

t.test('one client holds at most sixteen connections to forks, the least recently used goes first', async (t) => {
  const forks = await Promise.all(Array.from({ length: MAX_FORKS + 1 }, answering))
  const baseline = await answering()
  const routes = forks.map((fork, index) => ready(`pr-${index}`, fork.address))
  const path = await startDataPath({ baseline: baseline.address, routes })
  t.teardown(() => [path.close(), baseline.close(), ...forks.map((fork) => fork.close())])
  const client = await connect(path.port)
  const ask = async (index: number) => {
    const before = client.length
    client.send(keyed(`pr-${index}`))
    await client.until('an answer', () => client.text.includes('\r\n\r\nok', before))
  }
  for (let index = 0; index < MAX_FORKS; index++) await ask(index)
  await ask(0)
  await ask(MAX_FORKS)
  const [first, second] = forks
  await second?.until('the end', () => second.last.ended || second.last.closed)
  second?.last.end()
  await second?.untilAllClosed()
  t.equal(forks.filter((fork) => fork.open > 0).length, MAX_FORKS)
  t.equal(first?.open, 1, 'the one that was used again is still there')
  client.end()
  await path.untilIdle()
})

t.test('connections to forks that were idle for a minute are closed, others and the baseline’s are not', async (t) => {
  const baseline = await answering()
  const fork = await answering()
  const path = await startDataPath({ baseline: baseline.address, routes: [ready('pr-42', fork.address)] })
  t.teardown(() => [path.close(), baseline.close(), fork.close()])
  const client = await connect(path.port)
  client.send(keyed('pr-42') + GET)
  await client.until('both answers', () => client.text.split('\r\n\r\nok').length > 2)
  for (const connection of path.connections) connection.tick(process.uptime() + 30)
  client.send(keyed('pr-42'))
  await client.until('an answer', () => client.text.split('\r\n\r\nok').length > 3)
  t.equal(fork.peers.length, 1)
  for (const connection of path.connections) connection.tick(process.uptime() + 91)
  await fork.until('the end', () => fork.last.ended || fork.last.closed)
  client.send(GET)
  await client.until('an answer', () => client.text.split('\r\n\r\nok').length > 4)
  t.equal(baseline.peers.length, 1)
  client.end()
  await path.untilIdle()
})

t.test('a route that changes holds for the next request of an open connection', async (t) => {
  const baseline = await answering()
  const [before, after] = [await answering(), await answering()]
  const path = await startDataPath({ baseline: baseline.address, routes: [ready('pr-42', before.address)] })
  t.teardown(() => [path.close(), baseline.close(), before.close(), after.close()])
  const client = await connect(path.port)
  client.send(keyed('pr-42'))
  await client.untilText('ok')
  path.table.set(ready('pr-42', after.address))
  client.send(keyed('pr-42'))
  await after.untilText('\r\n\r\n')
  t.equal(before.text, keyed('pr-42'))
  client.end()
  await path.untilIdle()
})

t.test('a fork with several addresses gets the requests of many connections at all of them', async (t) => {
  const baseline = await answering()
  const pods = [await answering(), await answering()]
  const path = await startDataPath({
    baseline: baseline.address,
    routes: [ready('pr-42', ...pods.map((pod) => pod.address))],
  })
  t.teardown(() => [path.close(), baseline.close(), ...pods.map((pod) => pod.close())])
  for (let count = 0; count < 100 && pods.some((pod) => pod.peers.length === 0); count++) {
    const client = await connect(path.port)
    client.send(keyed('pr-42'))
    await client.untilText('ok')
    client.end()
    await client.untilClosed()
  }
  t.ok(pods.every((pod) => pod.peers.length > 0))
  await path.untilIdle()
})

t.test('a fork that goes down between two requests is answered with 503, and comes back', async (t) => {
  const baseline = await answering()
  const fork = await answering()
  const path = await startDataPath({ baseline: baseline.address, routes: [ready('pr-42', fork.address)] })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  client.send(keyed('pr-42'))
  await client.untilText('ok')
  fork.close()
  await fork.untilAllClosed()
  client.send(keyed('pr-42'))
  await client.untilText('sidetrack-error: ST1102')
  client.send(GET)
  await client.until('the baseline’s answer', () => client.text.split('\r\n\r\nok').length > 2)
  t.match(client.text, /503 Service Unavailable[\s\S]*ECONNREFUSED/)
  client.end()
  await path.untilIdle()
})

t.test('a broken request is answered with a body after a HEAD of another client', async (t) => {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const first = await connect(path.port)
  first.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  await baseline.untilText('HEAD')
  const second = await connect(path.port)
  second.send('\0\r\n')
  t.match(await second.untilEnd(), /^HTTP\/1.1 400 [\s\S]*\r\n\r\nThe request is not valid HTTP/)
  first.reset()
  second.end()
  await path.untilIdle()
})

t.test('a second request with a head of 100 KB is read while the first is answered', async (t) => {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  const large = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'v'.repeat(100_000)}\r\n\r\n`
  client.send(GET + large.slice(0, 80_000))
  await baseline.untilText(GET)
  client.send(large.slice(80_000))
  // The sidecar has read what it is ready to hold; now the first request is over.
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
  baseline.last.send(OK)
  t.equal(await baseline.untilBytes(GET.length + large.length), GET + large)
  baseline.last.send(OK)
  t.equal(await client.untilBytes(OK.length * 2), OK + OK)
  client.end()
  await path.untilIdle()
})
