// When the garbage of requests is collected: while nobody waits for an answer.

import t, { type Test } from 'tap'
import { QuietGarbage } from '../../sidecar/quiet-garbage.ts'
import { ready, startDataPath } from '../fixtures/data-path.ts'
import { turn } from '../fixtures/peer.ts'
import { connect } from '../fixtures/raw-client.ts'
import { deadAddress, RawUpstream } from '../fixtures/raw-upstream.ts'

const MINOR = { type: 'minor', execution: 'sync' }

function start() {
  const collected: unknown[] = []
  const garbage = new QuietGarbage(((options: unknown) => void collected.push(options)) as NodeJS.GCFunction)
  const answer = (requests: number) => {
    for (let i = 0; i < requests; i++) {
      garbage.asked()
      garbage.answered()
    }
  }
  return { collected, garbage, answer }
}

t.test('what three hundred requests have left is collected once the last of them is answered', async (t) => {
  const { collected, answer } = start()
  answer(299)
  await turn()
  t.strictSame(collected, [])
  answer(1)
  t.strictSame(collected, [], 'not before the answer is written')
  await turn()
  t.strictSame(collected, [MINOR])
  answer(299)
  await turn()
  t.equal(collected.length, 1)
})

t.test('while a request waits nothing is collected, and as soon as it is answered it is', async (t) => {
  const { collected, garbage, answer } = start()
  garbage.asked()
  answer(1000)
  await turn()
  t.strictSame(collected, [])
  garbage.answered()
  await turn()
  t.strictSame(collected, [MINOR])
})

t.test('a request that comes just before puts it off', async (t) => {
  const { collected, garbage, answer } = start()
  answer(300)
  garbage.asked()
  await turn()
  t.strictSame(collected, [])
  garbage.answered()
  await turn()
  t.strictSame(collected, [MINOR])
})

t.test('what comes together is collected once', async (t) => {
  const { collected, answer } = start()
  answer(400)
  await turn()
  t.strictSame(collected, [MINOR])
})

t.test('without --expose-gc nothing happens', async (t) => {
  const garbage = new QuietGarbage(undefined)
  for (let i = 0; i < 300; i++) {
    garbage.asked()
    garbage.answered()
  }
  await t.resolves(turn())
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** A client whose request has reached the baseline. */
async function exchange(t: Test, request: string) {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  client.send(request)
  await baseline.untilBytes(request.length)
  t.equal(path.plane.quietGarbage.waiting, 1)
  return { client, upstream: baseline.last, garbage: path.plane.quietGarbage }
}

t.test('an answer that never ends is not waited for', async (t) => {
  const { client, upstream, garbage } = await exchange(t, GET)
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
  upstream.send(head)
  await client.untilBytes(head.length)
  t.equal(garbage.waiting, 0)
})

t.test('nor is a connection that has changed its protocol', async (t) => {
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  const { client, upstream, garbage } = await exchange(t, `GET / HTTP/1.1\r\nHost: a\r\n${upgrade}`)
  const head = `HTTP/1.1 101 Switching Protocols\r\n${upgrade}`
  upstream.send(head)
  await client.untilBytes(head.length)
  t.equal(garbage.waiting, 0)
})

t.test('a 1xx is not the answer', async (t) => {
  const { client, upstream, garbage } = await exchange(t, GET)
  const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n'
  upstream.send(hints)
  await client.untilBytes(hints.length)
  t.equal(garbage.waiting, 1)
})

t.test('the sidecar’s own answer for a fork that is down is one', async (t) => {
  const path = await startDataPath({
    baseline: await deadAddress(),
    routes: [ready('pr-42', await deadAddress())],
  })
  t.teardown(() => path.close())
  const client = await connect(path.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nbaggage: sidetrack=pr-42\r\n\r\n')
  await client.untilText('HTTP/1.1 503')
  t.equal(path.plane.quietGarbage.waiting, 0)
})
