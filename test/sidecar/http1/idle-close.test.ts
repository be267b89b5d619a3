// An upstream closes a connection that was idle for long just when the next request goes out. A client that talks to it alone knows for how
// long that was, and keeps away from the edge; one that talked to another upstream meanwhile, behind the sidecar, does not.

import t, { type Test } from 'tap'
import { ready, startDataPath } from '../../fixtures/data-path.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { RawUpstream } from '../../fixtures/raw-upstream.ts'
import { SAFE_IDLE_SECONDS } from '../../../sidecar/http1/upstreams.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const KEYED = 'GET / HTTP/1.1\r\nHost: a\r\nbaggage: sidetrack=pr-42\r\n\r\n'
const REFUSED = 'GET / HTTP/1.1\r\nHost: a\r\nbaggage: sidetrack=pr-7;strict\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

function answering(): Promise<RawUpstream> {
  return RawUpstream.start({
    onConnection: (peer) => peer.socket.on('data', (chunk: Buffer) => chunk.includes('\r\n\r\n') && peer.send(OK)),
  })
}

/** One client, a baseline, a fork, and a clock that passes when it is told to. */
async function start(t: Test) {
  const [baseline, fork] = [await answering(), await answering()]
  let passed = 0
  const uptime = process.uptime.bind(process)
  t.intercept(process, 'uptime', { value: () => uptime() + passed })
  const path = await startDataPath({ baseline: baseline.address, routes: [ready('pr-42', fork.address)] })
  t.teardown(() => [path.close(), baseline.close(), fork.close()])
  const client = await connect(path.port)
  let answers = 0
  const answered = async () => {
    answers++
    await client.until('an answer', () => client.text.split('HTTP/1.1 ').length > answers)
  }
  return {
    baseline,
    fork,
    path,
    client,
    answered,
    /** Each answered before the next one is sent. */
    ask: async (...requests: readonly string[]) => {
      for (const request of requests) {
        client.send(request)
        await answered()
      }
    },
    /** As the sidecar sees time pass: it looks once a second. */
    pass: (seconds: number) => {
      passed += seconds
      for (const connection of path.connections) connection.tick(process.uptime())
    },
  }
}

const meanwhile = { 'a fork answered': KEYED, 'the sidecar itself answered': REFUSED }

for (const [what, request] of Object.entries(meanwhile)) {
  t.test(`a baseline that closes after ${what} does not close the client’s connection`, async (t) => {
    const { baseline, client, path, ask } = await start(t)
    await ask(GET, request)
    baseline.last.end()
    await baseline.untilAllClosed()
    await ask(request, GET)
    t.equal(baseline.peers.length, 2)
    t.notOk(client.ended)
    client.end()
    await path.untilIdle()
  })

  t.test(`a baseline that closes long after ${what} loses no request that goes out just then`, async (t) => {
    const { baseline, client, path, ask, answered, pass } = await start(t)
    await ask(GET)
    pass(SAFE_IDLE_SECONDS)
    await ask(request)
    client.send(GET)
    baseline.last.end()
    await answered()
    t.equal(baseline.peers.length, 2)
    client.end()
    await path.untilIdle()
  })
}

t.test('a fork that closes long after the baseline answered loses no request that goes out just then', async (t) => {
  const { fork, client, path, ask, answered, pass } = await start(t)
  await ask(KEYED)
  pass(SAFE_IDLE_SECONDS)
  await ask(GET)
  client.send(KEYED)
  fork.last.end()
  await answered()
  t.equal(fork.peers.length, 2)
  client.end()
  await path.untilIdle()
})

t.test('a client that talks to one upstream keeps its connection however long it says nothing', async (t) => {
  const { baseline, fork, client, path, ask, pass } = await start(t)
  await ask(GET)
  pass(50)
  await ask(GET, KEYED)
  pass(50)
  await ask(KEYED)
  t.same([baseline.peers.length, fork.peers.length], [1, 1])
  client.end()
  await path.untilIdle()
})

t.test(
  'a client that turns from one upstream to another and back within a moment keeps both connections',
  async (t) => {
    const { baseline, fork, client, path, ask } = await start(t)
    for (let round = 0; round < 20; round++) await ask(GET, KEYED)
    t.same([baseline.peers.length, fork.peers.length], [1, 1])
    client.end()
    await path.untilIdle()
  },
)
