// A link to the API server that counts the bytes that pass, encrypted as they are.

import { once } from 'node:events'
import net from 'node:net'

export interface CountedLink {
  readonly port: number
  /** Bytes so far. */
  sent(): number
  received(): number
  close(): void
}

export async function startCountedLink(target: URL): Promise<CountedLink> {
  let sent = 0
  let received = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    const upstream = net.connect({ host: target.hostname, port: Number(target.port) })
    client.on('data', (data) => (sent += data.length))
    upstream.on('data', (data) => (received += data.length))
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    sent: () => sent,
    received: () => received,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
