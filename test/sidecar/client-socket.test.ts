// A client's connection is read into the shared buffer, and only when somebody listens; nothing of the accepted socket stays behind.

import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { CLIENT_SERVER, clientSocket } from '../../sidecar/client-socket.ts'
import { DeferredWrites } from '../../sidecar/deferred-writes.ts'
import { InFlight } from '../../sidecar/in-flight.ts'
import { ReadBuffer } from '../../sidecar/read-buffer.ts'
import { until } from '../fixtures/until.ts'

const shared = () => ({ readBuffer: new ReadBuffer(), deferredWrites: new DeferredWrites(new InFlight()) })

/** Both ends of a connection, the server's as it was accepted. */
async function accepted(t: Test) {
  const server = net.createServer(CLIENT_SERVER)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = net.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  t.teardown(() => {
    client.destroy()
    server.close()
  })
  return { client, server, socket }
}

t.test('what a client sends is copied out of the shared buffer, not read into memory of its own', async (t) => {
  const { client, socket } = await accepted(t)
  const own = clientSocket(socket, shared())
  t.teardown(() => own.destroy())
  t.not(own, socket, 'this Node lets an accepted connection be read so')
  client.write('hello')
  const [bytes] = (await once(own, 'data')) as [Buffer]
  t.equal(bytes.toString(), 'hello')
  t.ok(bytes.buffer.byteLength >= Buffer.poolSize, 'a part of the pool that small buffers share')
})

t.test('bytes that came before anybody listened are not lost', async (t) => {
  const { client, socket } = await accepted(t)
  client.end('hello')
  await once(client, 'finish')
  const own = clientSocket(socket, shared())
  t.teardown(() => own.destroy())
  let text = ''
  own.on('data', (bytes: Buffer) => (text += bytes.toString()))
  await once(own, 'end')
  t.equal(text, 'hello')
})

t.test('a paused client is not read any further', async (t) => {
  const { client, socket } = await accepted(t)
  const own = clientSocket(socket, shared())
  t.teardown(() => own.destroy())
  let length = 0
  own.on('data', (bytes: Buffer) => {
    length += bytes.length
    own.pause()
  })
  client.write(Buffer.alloc(16 * 1024 * 1024))
  await until(() => length > 0)
  const paused = length
  for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(length, paused)
  t.equal(own.readableLength, 0)
  own.resume()
  await until(() => length > paused)
})

t.test('its ends, answers and resets are those of the connection', async (t) => {
  const { client, socket } = await accepted(t)
  const own = clientSocket(socket, shared())
  own.on('data', () => {})
  own.write('answer')
  t.equal(String((await once(client, 'data'))[0]), 'answer')
  t.equal(own.remotePort, client.localPort)
  own.resetAndDestroy()
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNRESET')
})

t.test('the server counts the connection no more and closes without waiting for it', async (t) => {
  const { server, socket } = await accepted(t)
  const own = clientSocket(socket, shared())
  t.teardown(() => own.destroy())
  server.close()
  await once(server, 'close')
  t.notOk(own.destroyed)
})

t.test('a socket whose handle Node does not show is used as it is', async (t) => {
  const socket = new net.Socket()
  t.equal(clientSocket(socket, shared()), socket)
  t.notOk(socket.destroyed)
})
