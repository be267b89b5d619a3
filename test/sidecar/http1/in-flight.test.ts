// Which requests count as waiting for an answer; that none does once its connection is gone, every test of the data path sees (untilIdle).

import t from 'tap'
import { ready, startDataPath } from '../../fixtures/data-path.ts'
import { openRequest } from '../../fixtures/open-request.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { deadAddress } from '../../fixtures/raw-upstream.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

for (const [what, request, answer, waiting] of [
  ['an answer that never ends', GET, 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n', 0],
  [
    'a change of protocol',
    `GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}`,
    `HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}`,
    0,
  ],
  ['a 1xx', GET, 'HTTP/1.1 103 Early Hints\r\n\r\n', 1],
] as const) {
  t.test(`${what} ${waiting === 0 ? 'is the answer that a request waits for' : 'is not the answer'}`, async (t) => {
    const { client, upstream, path } = await openRequest(t, request)
    t.equal(path.plane.inFlight.requests, 1)
    upstream.send(answer)
    await client.untilBytes(answer.length)
    t.equal(path.plane.inFlight.requests, waiting)
  })
}

t.test('so is the sidecar’s own for a fork that is down', async (t) => {
  const path = await startDataPath({
    baseline: await deadAddress(),
    routes: [ready('pr-42', await deadAddress())],
  })
  t.teardown(() => path.close())
  const client = await connect(path.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nbaggage: sidetrack=pr-42\r\n\r\n')
  await client.untilText('HTTP/1.1 503')
  t.equal(path.plane.inFlight.requests, 0)
})
