// Whose bytes are much work is read once in a turn of the event loop, and not at all while it is paused.

import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ReadBuffer } from '../../sidecar/read-buffer.ts'
import { until } from '../fixtures/until.ts'

const FULL = 64 * 1024

type Take = (bytes: Buffer, socket: net.Socket) => void

/** Both ways to a socket that is read into the shared buffer. */
const KINDS: Readonly<Record<string, (port: number, take: Take) => net.Socket>> = {
  'told by data': (port, take) => {
    const socket = new ReadBuffer().socket((onread) => net.connect({ port, host: '127.0.0.1', onread }))
    return socket.on('data', (bytes: Buffer) => take(bytes, socket))
  },
  'taken without an event': (port, take) => {
    const onread = new ReadBuffer().onread(
      (bytes) => take(bytes, socket),
      () => socket,
    )
    const socket: net.Socket = net.connect({ port, host: '127.0.0.1', onread })
    return socket
  },
}

/** Such a socket, and its other end, which sends so many bytes. */
async function flooded(t: Test, kind: string, length: number, take: Take): Promise<net.Socket> {
  const server = net.createServer((other) => {
    other.on('error', () => {}).end(Buffer.alloc(length))
    t.teardown(() => other.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = KINDS[kind]!((server.address() as AddressInfo).port, take)
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  return socket
}

/** As frames that are all work would. */
function work(): void {
  const start = performance.now()
  while (performance.now() - start < 3);
}

for (const kind of Object.keys(KINDS)) {
  t.test(`a flood that is much work, ${kind}, is read once in a turn until all is there`, async (t) => {
    let turn = 0
    const full: number[] = []
    let length = 0
    const sent = 4 * 1024 * 1024
    const socket = await flooded(t, kind, sent, (bytes) => {
      length += bytes.length
      if (bytes.length < FULL) return
      full.push(turn)
      work()
    })
    const count = () => {
      turn++
      if (!socket.destroyed) setImmediate(count)
    }
    setImmediate(count)
    await until(() => length === sent)
    t.ok(full.length > 1, `it filled the buffer ${full.length} times`)
    t.equal(new Set(full).size, full.length)
  })

  t.test(`a flood that is much work, ${kind}, is read no further while its socket is paused`, async (t) => {
    let length = 0
    let full = false
    const socket = await flooded(t, kind, 16 * 1024 * 1024, (bytes, whose) => {
      length += bytes.length
      if (bytes.length < FULL) return
      full = true
      work()
      whose.pause()
    })
    await until(() => full)
    const paused = length
    for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve))
    t.equal(length, paused)
    socket.resume()
    await until(() => length > paused)
  })
}
