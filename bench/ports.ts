// TCP ports of the loopback: free ones for a run, and waiting until one is listened on.

import { connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from './process.ts'

/** Ports that nobody listens on. All are held until all are known, so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = []
  try {
    const ports: number[] = []
    for (let index = 0; index < count; index++) {
      const server = createServer()
      servers.push(server)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      })
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      ports.push(address.port)
    }
    return ports
  } finally {
    for (const server of servers) server.close()
  }
}

/** Waits until `port` accepts connections; throws if the program behind it ends first, or after `seconds`. */
export async function untilListening(port: number, owner: Running, signal: AbortSignal, seconds = 15): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await accepts(port))) {
    signal.throwIfAborted()
    if (owner.exitCode() !== undefined) throw new Error(`ended instead of listening: ${owner.output().trim()}`)
    if (performance.now() > deadline)
      throw new Error(`port ${port} is not listened on after ${seconds} s: ${owner.output()}`)
    await sleep(20)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
