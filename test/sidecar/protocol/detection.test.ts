// Ports of unknown protocol: who speaks first decides, and what is not HTTP reaches the baseline byte for byte.

import { once } from 'node:events'
import net from 'node:net'
import t, { type Test } from 'tap'
import type { Protocol } from '../../../core/wire.ts'
import { startDataPath } from '../../fixtures/data-path.ts'
import { until } from '../../fixtures/until.ts'

/** A baseline that does `serve` with each connection, the sidecar before it, and a client of the sidecar. */
async function chain(t: Test, serve: (socket: net.Socket) => void, protocol: Protocol = 'unknown') {
  const accepted: net.Socket[] = []
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const path = await startDataPath({
    baseline: { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
    protocol,
  })
  const clients: net.Socket[] = []
  t.teardown(() => {
    for (const socket of [...clients, ...accepted]) socket.destroy()
    server.close()
    path.close()
  })
  const dial = () => {
    const socket = net.connect({ port: path.port, host: '127.0.0.1', allowHalfOpen: true })
    clients.push(socket)
    const seen = { socket, text: '', ended: false, error: '' }
    socket.on('data', (chunk) => (seen.text += chunk.toString('latin1')))
    socket.on('end', () => (seen.ended = true))
    socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code ?? error.message))
    return seen
  }
  return { dial, accepted, destination: path.destination, plane: path.plane, server }
}

const echo = (socket: net.Socket) => void socket.pipe(socket)

t.test('a server that speaks first is heard, and the next client does not wait for it to', async (t) => {
  const { dial, destination } = await chain(t, (socket) => void socket.write('220 mail\r\n'))
  const first = dial()
  await until(() => first.text === '220 mail\r\n')
  t.ok(destination.serverSpeaksFirst)
  const second = dial()
  await until(() => second.text === '220 mail\r\n')
})

t.test('a client that speaks something else is copied both ways at once', async (t) => {
  const { dial, destination } = await chain(t, echo)
  const client = dial()
  const hello = `\x16\x03\x01${'\xff\0'.repeat(1000)}`
  client.socket.write(hello, 'latin1')
  await until(() => client.text === hello)
  t.notOk(destination.serverSpeaksFirst)
})

t.test("TLS of the app's own passes on a port that is declared HTTP", async (t) => {
  const { dial } = await chain(t, echo, 'http')
  const client = dial()
  client.socket.write('\x16\x03\x01\0\x05hello', 'latin1')
  await until(() => client.text === '\x16\x03\x01\0\x05hello')
})

t.test('HTTP on an undeclared port is routed, after silence on the connection that was opened meanwhile', async (t) => {
  const { dial, accepted } = await chain(t, (socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
  })
  const client = dial()
  await until(() => accepted.length === 1)
  client.socket.write('GET / HTTP/1.1\r\nHost: cart\r\n\r\n')
  await until(() => client.text.endsWith('ok'))
  client.socket.write('GET / HTTP/1.1\r\nHost: a, b\r\n\r\n')
  await until(() => client.text.includes('sidetrack-error: ST1001'))
  t.equal(accepted.length, 1)
})

t.test('what the baseline of a client that was silent says while HTTP/2 is loaded is not heard', async (t) => {
  let left = false
  const { dial, accepted, destination, plane } = await chain(t, (socket) =>
    socket.resume().on('end', () => (left = true)),
  )
  const loaded = Promise.withResolvers<void>()
  const http2 = plane.http2()
  Object.assign(plane, {
    async http2() {
      accepted[0]?.write('220 mail\r\n')
      await loaded.promise
      return http2
    },
  })
  const client = dial()
  await until(() => accepted.length === 1)
  client.socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1')
  await until(() => left || client.text !== '')
  loaded.resolve()
  await until(() => client.text.length >= 9)
  t.equal(client.text.charCodeAt(3), 4, 'SETTINGS, as a server of HTTP/2 begins')
  t.strictSame(destination.counts.copied, {})
})

t.test('no connection is opened to the baseline for a client that says nothing on a declared port', async (t) => {
  const { dial, accepted } = await chain(t, echo, 'http')
  const client = dial()
  await once(client.socket, 'connect')
  client.socket.end()
  await until(() => client.ended)
  t.equal(accepted.length, 0)
})

t.test('half-closes pass in both directions', async (t) => {
  const { dial } = await chain(t, (socket) => {
    let received = ''
    socket.on('data', (chunk) => (received += chunk.toString()))
    socket.on('end', () => socket.end(`got ${received}`))
  })
  const client = dial()
  client.socket.end('\0binary')
  await until(() => client.ended)
  t.equal(client.text, 'got \0binary')
})

t.test('a reset by the baseline reaches the client as a reset', async (t) => {
  const { dial } = await chain(t, (socket) => void socket.on('data', () => socket.resetAndDestroy()))
  const client = dial()
  client.socket.write('\0binary')
  await until(() => client.error !== '')
  t.equal(client.error, 'ECONNRESET')
})

t.test('a reset by the client reaches the baseline as a reset', async (t) => {
  const errors: string[] = []
  const { dial, accepted } = await chain(t, (socket) => {
    socket.resume()
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''))
  })
  const client = dial()
  client.socket.write('\0binary')
  await until(() => accepted.length === 1)
  client.socket.resetAndDestroy()
  await until(() => errors.length === 1)
  t.strictSame(errors, ['ECONNRESET'])
})

t.test('a baseline that is down is a reset, after silence too', async (t) => {
  const { dial, server } = await chain(t, echo)
  server.close()
  await once(server, 'close')
  for (const bytes of ['', '\0binary', 'GET / HTTP/1.1\r\nHost: cart\r\n\r\n']) {
    const client = dial()
    if (bytes !== '') client.socket.write(bytes)
    await until(() => client.error !== '')
    t.equal(client.error, 'ECONNRESET')
  }
})

t.test('a megabyte passes unchanged when the reader is slow', async (t) => {
  const { dial } = await chain(t, echo)
  const client = dial()
  const bytes = Buffer.alloc(1 << 20, '\x16\x03binary')
  client.socket.pause()
  client.socket.write(bytes)
  setImmediate(() => client.socket.resume())
  await until(() => client.text.length === bytes.length)
  t.equal(client.text, bytes.toString('latin1'))
})
