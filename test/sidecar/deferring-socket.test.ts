// Small messages wait for the end of the event loop's turn while several requests are in flight; nothing overtakes them, and none is lost.

import net, { type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { DeferredWrites } from '../../sidecar/deferred-writes.ts'
import { DeferringSocket, writeSoon } from '../../sidecar/deferring-socket.ts'
import { InFlight } from '../../sidecar/in-flight.ts'
import { Peer, turn } from '../fixtures/peer.ts'

/** A connected socket, its other end, and so many requests in flight. */
async function connected(t: Test, requests: number) {
  const inFlight = new InFlight()
  for (let i = 0; i < requests; i++) inFlight.asked()
  const server = net.createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = new DeferringSocket(new DeferredWrites(inFlight), { allowHalfOpen: true })
  socket.on('error', () => {})
  socket.dial({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  const [other] = (await once(server, 'connection')) as [net.Socket]
  if (socket.connecting) await once(socket, 'connect')
  t.teardown(() => {
    socket.destroy()
    other.destroy()
    server.close()
  })
  return { socket, other: new Peer(other) }
}

const HELLO = Buffer.from('hello')

t.test('with seven requests in flight a message is written at once', async (t) => {
  const { socket } = await connected(t, 7)
  t.equal(socket.writeSoon(HELLO), true)
  t.equal(socket.bytesWritten, 5)
})

t.test('with eight it is at the end of the turn, and the sender may go on', async (t) => {
  const { socket, other } = await connected(t, 8)
  t.equal(socket.writeSoon(HELLO), true)
  t.equal(socket.bytesWritten, 0)
  await turn()
  t.equal(socket.bytesWritten, 5)
  await other.untilBytes(5)
})

t.test('many sockets are written to in the order in which they were told', async (t) => {
  const writes = new DeferredWrites(new InFlight())
  const flushed: number[] = []
  for (const each of [1, 2, 3]) writes.add({ flush: () => flushed.push(each) })
  t.strictSame(flushed, [])
  await turn()
  t.strictSame(flushed, [1, 2, 3])
})

t.test('after eight turns in a row with one message each the next ones are written at once for a while', async (t) => {
  const inFlight = new InFlight()
  for (let i = 0; i < 8; i++) inFlight.asked()
  const writes = new DeferredWrites(inFlight)
  const defer = async (...turns: number[]) => {
    for (const messages of turns) {
      for (let i = 0; i < messages; i++) writes.add({ flush() {} })
      await turn()
    }
    let atOnce = 0
    while (!writes.takes()) atOnce++
    return atOnce
  }
  t.equal(await defer(1, 1, 1, 1, 1, 1, 1), 0)
  t.equal(await defer(2), 0)
  t.equal(await defer(1, 1, 1, 1, 1, 1, 1), 0, 'not in a row')
  t.equal(await defer(1), 256)
  t.equal(await defer(1), 0)
})

t.test('a large message is written at once, since what the other side does not take must be known', async (t) => {
  const { socket } = await connected(t, 8)
  t.equal(socket.writeSoon(Buffer.alloc(16 * 1024 * 1024)), false)
})

for (const [what, act, expected] of [
  ['a second small message', (socket: DeferringSocket) => socket.writeSoon(Buffer.from(' you')), 'hello you'],
  ['a large one', (socket: DeferringSocket) => socket.writeSoon(Buffer.alloc(5000, '.')), `hello${'.'.repeat(5000)}`],
  ['a write', (socket: DeferringSocket) => socket.write(' you'), 'hello you'],
  ['the last word', (socket: DeferringSocket) => socket.end(' you'), 'hello you'],
  ['the end', (socket: DeferringSocket) => socket.end(), 'hello'],
  ['a close', (socket: DeferringSocket) => socket.destroy(), 'hello'],
] as const) {
  t.test(`${what} does not overtake it`, async (t) => {
    const { socket, other } = await connected(t, 8)
    socket.writeSoon(HELLO)
    act(socket)
    await other.untilBytes(expected.length)
    t.equal(other.text, expected)
  })
}

t.test('a reset ends the connection as if it had been written before', async (t) => {
  const { socket, other } = await connected(t, 8)
  socket.writeSoon(HELLO)
  socket.resetAndDestroy()
  t.equal(socket.destroyed, true)
  await other.untilClosed()
  t.equal(other.error, 'ECONNRESET')
})

t.test('a socket that defers nothing is written to at once', async (t) => {
  const { other } = await connected(t, 8)
  t.equal(writeSoon(other.socket, HELLO), true)
  t.equal(other.socket.bytesWritten, 5)
})
