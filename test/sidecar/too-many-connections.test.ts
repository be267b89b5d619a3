// Past the limit of connections a client is told so in its own protocol; those within it notice nothing, and a place that gets free is given away.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type DataPath, type DataPathOptions, startDataPath } from '../fixtures/data-path.ts'
import { rawClient } from '../fixtures/http2/raw-peer.ts'
import type { Peer } from '../fixtures/peer.ts'
import { connect } from '../fixtures/raw-client.ts'
import { RawUpstream } from '../fixtures/raw-upstream.ts'
import { until } from '../fixtures/until.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const ENHANCE_YOUR_CALM = 11

interface Full {
  readonly path: DataPath
  readonly baseline: RawUpstream
  readonly inside: readonly Peer[]
}

/** A sidecar with as many clients as it may have, each served once. */
async function full(t: Test, options: Partial<DataPathOptions> = {}): Promise<Full> {
  const baseline = await RawUpstream.start({ onConnection: (peer) => peer.socket.on('data', () => peer.send(OK)) })
  const limits = { connections: 2, buffered: 1_000_000 }
  const path = await startDataPath({ baseline: baseline.address, limits, ...options })
  t.teardown(() => [path.close(), baseline.close()])
  const inside: Peer[] = []
  for (let client = 0; client < limits.connections; client++) {
    const peer = await connect(path.port)
    await served(peer)
    inside.push(peer)
  }
  return { path, baseline, inside }
}

async function served(client: Peer): Promise<void> {
  const before = client.length
  client.send(GET)
  await client.untilBytes(before + OK.length)
  if (!client.text.endsWith(OK)) throw new Error(client.text.slice(before))
}

t.test('an HTTP/1 client gets a 503 that says why, and those that are in are served on', async (t) => {
  const { path, baseline, inside } = await full(t)
  const calls = baseline.length
  const late = await connect(path.port)
  late.send(GET)
  const answer = await late.untilEnd()
  t.match(answer, /^HTTP\/1\.1 503 Service Unavailable\r\n/)
  t.match(answer, /\r\nsidetrack-error: ST1105\r\n/)
  t.match(answer, /\r\nconnection: close\r\n/)
  t.match(answer, 'has its 2 connections')
  t.equal(baseline.length, calls, 'nothing of it was forwarded')
  for (const each of inside) await served(each)
  t.strictSame(
    [path.plane.counters.events['connections-refused'], path.plane.counters.of('cart').refused],
    [1, { ST1105: 1 }],
  )
})

t.test('a place that gets free is given away', async (t) => {
  const { path, inside } = await full(t)
  inside[0]?.end()
  await path.waits.until(
    'a place',
    () => !path.plane.capacity.isFull,
    () => `${path.connections.size} connections`,
  )
  const next = await connect(path.port)
  await served(next)
  t.equal(next.text, OK)
})

t.test('the answer to HEAD is a head only', async (t) => {
  const { path } = await full(t)
  const late = await connect(path.port)
  late.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.ok((await late.untilEnd()).endsWith('\r\n\r\n'))
})

t.test('a client that still sends its body gets its answer', async (t) => {
  const { path } = await full(t)
  const late = await connect(path.port)
  late.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n')
  for (let part = 0; part < 40; part++) late.send(Buffer.alloc(250_000))
  t.match(await late.untilEnd(), '503')
  t.equal(late.error, undefined)
})

t.test('what is malformed is still called so', async (t) => {
  const { path } = await full(t)
  const late = await connect(path.port)
  late.send('GET / HTTP/1.1\r\nHost : a\r\n\r\n')
  t.match(await late.untilEnd(), /sidetrack-error: ST1001/)
})

t.test('an HTTP/2 client gets GOAWAY with ENHANCE_YOUR_CALM, and no stream was looked at', async (t) => {
  const { path } = await full(t)
  const late = await rawClient(t, path.port)
  t.equal(await late.goawayCode(), ENHANCE_YOUR_CALM)
  t.equal((await late.frame(7)).payload.readUInt32BE(0), 0)
  await late.closing()
})

t.test('a client of another protocol is reset', async (t) => {
  const { path } = await full(t, { protocol: 'unknown' })
  const late = await connect(path.port)
  late.send('\x00\x01binary')
  await late.untilClosed()
  t.equal(late.error, 'ECONNRESET')
})

t.test('one that says nothing is reset after a while', async (t) => {
  const { path } = await full(t)
  const late = await connect(path.port)
  await late.untilClosed()
  t.equal(late.error, 'ECONNRESET')
})

t.test('so many at once that nobody can be told are reset', async (t) => {
  const { path, inside } = await full(t)
  const late = await Promise.all(Array.from({ length: 300 }, () => connect(path.port)))
  await Promise.all(late.slice(256).map((each) => each.untilClosed()))
  t.equal(path.connections.size, inside.length + 256)
  for (const each of inside) await served(each)
})

t.test('a sidecar that has no file descriptors left says so', async (t) => {
  const program = join(import.meta.dirname, '../fixtures/limited-sidecar.ts')
  const command = `ulimit -n 80; exec ${process.execPath} ${program} 64`
  const sidecar = spawn('sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  t.teardown(() => sidecar.disconnect())
  const [port] = (await once(sidecar, 'message')) as [number]
  const first = await connect(port)
  const inside = await Promise.all(Array.from({ length: 100 }, () => connect(port)))
  // The kernel accepts them all; those that the sidecar cannot take are closed at once.
  await until(() => inside.some(({ closed, ended }) => closed || ended))
  first.send(GET)
  const answer = await first.untilText('\r\n\r\n')
  t.match(answer, /^HTTP\/1\.1 503 .*\r\nsidetrack-error: ST1105\r\n/s)
  t.match(await first.untilText('EMFILE'), 'EMFILE')
  for (const each of inside.slice(0, 4)) each.socket.destroy()
  await until(async () => {
    const before = first.length
    first.send(GET)
    await first.until('an answer', () => first.length > before)
    return first.text.endsWith(OK)
  })
  for (const { socket } of [first, ...inside]) socket.destroy()
})
