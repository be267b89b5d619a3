import t, { type Test } from 'tap'
import { startDataPath } from '../../fixtures/data-path.ts'
import { connect } from '../../fixtures/raw-client.ts'
import { RawUpstream } from '../../fixtures/raw-upstream.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

async function start(t: Test) {
  const baseline = await RawUpstream.start()
  const path = await startDataPath({ baseline: baseline.address })
  t.teardown(() => [path.close(), baseline.close()])
  const client = await connect(path.port)
  const drain = () => {
    for (const connection of path.connections) connection.drain()
  }
  return { baseline, path, client, drain }
}

t.test('draining ends an idle connection at once', async (t) => {
  const { baseline, path, client, drain } = await start(t)
  client.send(GET)
  await baseline.untilText(GET)
  baseline.last.send(OK)
  await client.untilBytes(OK.length)
  drain()
  t.equal(await client.untilEnd(), OK)
  await baseline.last.untilEnd()
  client.end()
  await path.untilIdle()
})

t.test('draining lets the request in progress finish, and no further one', async (t) => {
  const { baseline, path, client, drain } = await start(t)
  client.send(GET + GET)
  await baseline.untilText(GET)
  drain()
  baseline.last.send(OK)
  t.equal(await client.untilEnd(), OK)
  t.equal(baseline.text, GET)
  client.end()
  await path.untilIdle()
})

t.test('draining lets an upload in progress finish', async (t) => {
  const { baseline, path, client, drain } = await start(t)
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n'
  client.send(`${head}hello`)
  await baseline.untilText('hello')
  drain()
  client.send('world')
  t.equal(await baseline.untilBytes(head.length + 10), `${head}helloworld`)
  baseline.last.send(OK)
  t.equal(await client.untilEnd(), OK)
  client.end()
  await path.untilIdle()
})

t.test('draining leaves a tunnel alone until it is over', async (t) => {
  const { baseline, path, client, drain } = await start(t)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  await baseline.untilText('websocket')
  baseline.last.send('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  await client.untilText('101')
  drain()
  client.send('still here')
  await baseline.untilText('still here')
  baseline.last.end()
  await client.untilEnd()
  client.end()
  await path.untilIdle()
  t.equal(path.connections.size, 0)
})

t.test('destroying a connection resets the upstream that is in use', async (t) => {
  const { baseline, path, client } = await start(t)
  client.send(GET)
  await baseline.untilText(GET)
  for (const connection of path.connections) connection.destroy()
  await client.untilEnd()
  client.end()
  await baseline.last.untilClosed()
  t.equal(baseline.last.error, 'ECONNRESET')
  await path.untilIdle()
})
