// Past the limit of bytes that wait, the connections that hold most are ended and told why if that is still possible; others notice nothing.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FrameType, frame } from '../../sidecar/http2/frame.ts'
import { literalBlock } from '../../sidecar/http2/hpack/literal-writer.ts'
import { Setting } from '../../sidecar/http2/settings.ts'
import { type DataPath, ready, startDataPath, unready } from '../fixtures/data-path.ts'
import { GET as GET2, POST as POST2 } from '../fixtures/http2/fields.ts'
import { echoStatus, rawClient, rawServer } from '../fixtures/http2/raw-peer.ts'
import { local } from '../fixtures/http2/router.ts'
import { type Peer, turn } from '../fixtures/peer.ts'
import { connect } from '../fixtures/raw-client.ts'
import { RawUpstream } from '../fixtures/raw-upstream.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const LIMIT = 1024 * 1024
/** A look comes late by a sixteenth of the limit and by what one socket reads at once. */
const MOST = LIMIT * (1 + 1 / 16) + 64 * 1024
/** More than two loopback connections and the sidecar hold together, for each of the clients. */
const PLENTY = 24 * 1024 * 1024
const CLIENTS = 32

interface Overloaded {
  readonly path: DataPath
  readonly upstream: RawUpstream
  readonly clients: readonly Peer[]
  /** Works on while `each` does, and notes the most that was held. */
  readonly push: (each: (client: Peer) => void, done: () => boolean) => Promise<number>
}

function held(path: DataPath): number {
  return [...path.connections].reduce((sum, { buffered }) => sum + buffered, 0)
}

/** Clients of a sidecar that may hold a mebibyte. */
async function overloaded(t: Test, options: { protocol?: 'unknown'; paused?: boolean } = {}): Promise<Overloaded> {
  const upstream = await RawUpstream.start({ paused: options.paused ?? false, keep: false })
  const limits = { connections: 1000, buffered: LIMIT }
  const path = await startDataPath({ baseline: upstream.address, protocol: options.protocol ?? 'http', limits })
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(path.port)))
  t.teardown(() => {
    path.close()
    upstream.close()
    for (const { socket } of clients) socket.destroy()
  })
  return {
    path,
    upstream,
    clients,
    async push(each, done) {
      let most = 0
      for (let turns = 0; !done() && turns < 20_000; turns++) {
        for (const client of clients) each(client)
        await turn()
        most = Math.max(most, held(path))
      }
      return most
    },
  }
}

/** Sends as much as the other side takes. */
function flood(peer: Peer, chunk: Buffer): void {
  if (peer.socket.writable && peer.socket.writableLength === 0) peer.send(chunk)
}

const HEAD = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${PLENTY}\r\n\r\n`
const CHUNK = Buffer.alloc(64 * 1024, 'x')

t.test('uploads that an upstream does not take get a 503 that says why', async (t) => {
  const { path, upstream, clients, push } = await overloaded(t, { paused: true })
  for (const client of clients) client.send(HEAD)
  const refused = () => clients.filter((client) => client.length > 0)
  const most = await push(
    (client) => flood(client, CHUNK),
    () => refused().length > CLIENTS / 4,
  )
  t.ok(refused().length > CLIENTS / 4, `${refused().length} are refused`)
  t.ok(most <= MOST, `${most} bytes were held`)
  for (const client of refused()) {
    t.match(await client.untilEnd(), /^HTTP\/1\.1 503 .*\r\nsidetrack-error: ST1105\r\n.*connection: close\r\n/s)
  }
  t.ok((path.plane.counters.events['connections-shed'] ?? 0) >= refused().length)
  // The upstream goes on, and so do those that are left.
  for (const { socket } of upstream.peers) socket.resume()
  await Promise.all(clients.map((client) => sendRest(client)))
  const whole = () => upstream.peers.filter(({ length }) => length === HEAD.length + PLENTY).length
  await upstream.until('whole bodies or refusals', () => whole() + refused().length >= CLIENTS)
  t.ok(whole() > 0, `${whole()} uploads are whole`)
  t.equal(held(path), 0)
})

async function sendRest(client: Peer): Promise<void> {
  let rest = HEAD.length + PLENTY - client.socket.bytesWritten
  while (rest > 0 && client.socket.writable) {
    if (client.socket.writableLength === 0) {
      client.send(CHUNK.subarray(0, rest))
      rest -= CHUNK.length
    }
    await turn()
  }
}

t.test('a client that does not read its answers is reset, and the others are answered all along', async (t) => {
  const { path, upstream, clients, push } = await overloaded(t)
  for (const client of clients) {
    client.socket.pause()
    client.send(GET)
  }
  await upstream.untilConnections(CLIENTS)
  for (const peer of upstream.peers) peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${PLENTY}\r\n\r\n`)
  const slow = [...upstream.peers]
  const other = await connect(path.port)
  other.send(GET)
  await upstream.untilConnections(CLIENTS + 1)
  const { last } = upstream
  await last.untilBytes(GET.length)
  last.socket.on('data', () => last.send(OK))
  last.send(OK)
  let answered = 0
  const ask = () => {
    if (other.length < (answered + 1) * OK.length) return
    answered++
    other.send(GET)
  }
  const gone = () => slow.filter(({ closed }) => closed).length
  const most = await push(
    (client) => {
      ask()
      flood(slow[clients.indexOf(client)] as Peer, CHUNK)
    },
    () => gone() > CLIENTS / 4,
  )
  t.ok(gone() > CLIENTS / 4, `${gone()} are gone`)
  t.ok(most <= MOST, `${most} bytes were held`)
  const before = answered
  await other.untilBytes((before + 1) * OK.length)
  t.ok(before > 10, `${before} requests of another client were answered meanwhile, and one after it`)
})

t.test('heads that do not end get a 503 that says why', async (t) => {
  const { path, upstream, clients, push } = await overloaded(t)
  for (const client of clients) client.send('GET / HTTP/1.1\r\nHost: a\r\n')
  const line = `X: ${'x'.repeat(4000)}\r\n`
  const refused = () => clients.filter((client) => client.length > 0)
  const sent = new Map(clients.map((client) => [client, 0]))
  const most = await push(
    (client) => {
      const lines = sent.get(client) ?? 0
      if (lines < 30 && client.length === 0) client.send(line)
      sent.set(client, lines + 1)
    },
    () => (sent.get(clients[0] as Peer) ?? 0) > 100,
  )
  t.ok(refused().length > 0, `${refused().length} are refused`)
  t.ok(most <= MOST, `${most} bytes were held`)
  for (const client of refused()) t.match(await client.untilEnd(), /^HTTP\/1\.1 503 .*\r\nsidetrack-error: ST1105\r\n/s)
  t.equal(upstream.length, 0, 'nothing was forwarded')
  for (const client of clients) client.end()
  await path.untilIdle()
})

/** Of clients whose heads take 128 KiB each. */
const CROWD = 1600

// Beside what is held there is what was dropped and is not collected yet, and what the allocator keeps; without the limit it grows by 300 MiB.
t.test('the memory of the process is bounded while eight times the limit comes in', async (t) => {
  const mebibytes = 24
  const sidecar = fork(join(import.meta.dirname, '../fixtures/limited-sidecar.ts'), [String(mebibytes)], {
    execArgv: ['--expose-gc', '--max-semi-space-size=1'],
  })
  t.teardown(() => sidecar.disconnect())
  const [port] = (await once(sidecar, 'message')) as [number]
  const pid = sidecar.pid ?? 0
  const client = () => connect(port)
  // What the first connections cost once, and what each costs without any bytes, is not the question.
  const clients = await Promise.all(Array.from({ length: CROWD }, client))
  for (const each of clients) each.send('GET / HTTP/1.1\r\nHost: a\r\n')
  await served(await client())
  const before = resident(pid)
  const line = `X: ${'x'.repeat(4000)}\r\n`
  for (let lines = 0; lines < 30; lines++) {
    for (const each of clients) if (each.length === 0) each.send(line)
    await turn()
  }
  await served(await client())
  const growth = (peak(pid) - before) / 1024
  const refused = clients.filter(({ length }) => length > 0).length
  t.ok(refused > 0, `${refused} of ${CROWD} are refused`)
  t.ok(growth < 5 * mebibytes, `it grew by ${growth.toFixed(1)} MiB`)
  for (const { socket } of clients) socket.destroy()
})

function resident(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  return peak(pid)
}

/** The most that it had, in KiB, since `resident` was asked. */
function peak(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

async function served(client: Peer): Promise<void> {
  client.send(GET)
  await client.untilText(OK)
  client.end()
}

t.test('connections of another protocol are reset on both sides', async (t) => {
  const { upstream, clients, push } = await overloaded(t, { protocol: 'unknown', paused: true })
  const gone = () => clients.filter(({ closed }) => closed)
  const most = await push(
    (client) => flood(client, CHUNK),
    () => gone().length > CLIENTS / 4,
  )
  t.ok(gone().length > CLIENTS / 4, `${gone().length} are gone`)
  t.ok(most <= MOST, `${most} bytes were held`)
  t.strictSame(new Set(gone().map(({ error }) => error)), new Set(['ECONNRESET']))
  for (const { socket } of upstream.peers) socket.resume()
  const reset = () => upstream.peers.filter(({ error }) => error === 'ECONNRESET').length
  await upstream.until('the resets', () => reset() >= gone().length)
})

t.test(
  'an HTTP/2 stream whose upload nobody takes is answered, and the others of its connection are served',
  async (t) => {
    const stalled = await rawServer(t, [[Setting.initialWindowSize, 0]])
    const forked = await rawServer(t)
    const limits = { connections: 1000, buffered: LIMIT / 2 }
    const path = await startDataPath({
      baseline: local(stalled.port),
      routes: [ready('pr-42', local(forked.port))],
      limits,
    })
    t.teardown(() => path.close())
    const client = await rawClient(t, path.port)
    const streams = Array.from({ length: 16 }, (_, index) => 1 + 2 * index)
    let most = 0
    for (const id of streams) {
      client.headers(id, POST2, false)
      for (let part = 0; part < 4; part++) {
        client.data(id, Buffer.alloc(16_000))
        await client.roundTrip()
        most = Math.max(most, held(path))
      }
    }
    t.ok(most <= MOST / 2 + 64 * 1024, `${most} bytes were held`)
    const refused = streams.filter((id) => client.of(FrameType.headers, id).length > 0)
    t.ok(refused.length > 0, `${refused.length} are refused`)
    for (const id of refused) {
      const fields = new Map(await client.fields(id))
      t.strictSame([fields.get(':status'), fields.get('sidetrack-error')], ['503', 'ST1105'])
    }
    const id = (streams.at(-1) ?? 0) + 2
    client.headers(id, [...GET2, ['baggage', 'sidetrack=pr-42']])
    echoStatus(await forked.peer())
    t.strictSame((await client.fields(id))[0], [':status', '200'])
  },
)

t.test('an HTTP/2 client that does not read is reset', async (t) => {
  const upstream = await rawServer(t)
  const limits = { connections: 1000, buffered: LIMIT / 2 }
  const routes = [unready('pr-unready', 'x'.repeat(2000))]
  const path = await startDataPath({ baseline: local(upstream.port), routes, limits })
  t.teardown(() => path.close())
  const client = await rawClient(t, path.port)
  client.socket.pause()
  // Requests that are refused: the sidecar's own answers are far larger than they are.
  const bad = frame(FrameType.headers, 5, 0, literalBlock([...GET2, ['baggage', 'sidetrack=pr-unready']]))
  let id = 1
  let most = 0
  for (let turns = 0; path.connections.size > 0 && turns < 20_000; turns++) {
    const batch = Buffer.concat(Array.from({ length: 200 }, () => bad))
    for (let at = 0; at < batch.length; at += bad.length, id += 2) batch.writeUInt32BE(id, at + 5)
    if (client.socket.writable && client.socket.writableLength === 0) client.socket.write(batch)
    await turn()
    most = Math.max(most, held(path))
  }
  t.equal(path.connections.size, 0, 'the client is gone')
  t.ok(most <= MOST / 2 + 64 * 1024, `${most} bytes were held`)
})
