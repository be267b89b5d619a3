// Sends bytes through the sidecar's data path on real sockets, and records what comes out on the other side.

import net from 'node:net'
import { startDataPath } from '../../fixtures/data-path.ts'
import { listen } from '../../fixtures/http2/listen.ts'

const PATIENCE_MS = 4_000

export interface Passed {
  readonly forwarded: Buffer
  /** What the client got. */
  readonly answers: string
  /** Neither side was closed in the time given. */
  readonly stuck: boolean
}

export interface LivePath {
  /** `responses`: how many requests the upstream answers; `parts` go out in turns of their own, then the client's end. */
  pass(parts: readonly Buffer[], expected: Buffer, ends: readonly number[]): Promise<Passed>
  readonly open: () => number
  close(): void
}

const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

/**
 * One at a time. The upstream knows where requests end from `ends`, not from a parser: what goes out wrong must not hide behind
 * what the upstream makes of it.
 */
export async function startLivePath(): Promise<LivePath> {
  let received: Buffer[] = []
  let length = 0
  let ends: readonly number[] = []
  let answered = 0
  const upstreams = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    upstreams.add(socket)
    socket.on('error', () => {}).on('close', () => upstreams.delete(socket))
    socket.on('end', () => socket.end())
    socket.on('data', (part: Buffer) => {
      received.push(part)
      length += part.length
      for (; answered < ends.length && length >= (ends[answered] ?? 0); answered++) socket.write(RESPONSE)
    })
  })
  const path = await startDataPath({ baseline: { host: '127.0.0.1', port: await listen(server) } })
  return {
    async pass(parts, expected, requestEnds) {
      received = []
      length = answered = 0
      ends = requestEnds
      const socket = net.connect({ port: path.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      const got: Buffer[] = []
      const over = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), PATIENCE_MS)
        const done = (): void => {
          clearTimeout(timer)
          resolve(false)
        }
        socket.on('error', () => {}).on('close', done)
        socket.on('data', (part: Buffer) => got.push(part)).on('end', () => socket.destroy())
      })
      for (const part of parts) {
        if (!socket.writable) break
        socket.write(part)
        if (parts.length > 1) await new Promise((resolve) => setImmediate(resolve))
      }
      socket.end()
      const stuck = await over
      socket.destroy()
      for (let turns = 0; turns < 2000 && upstreams.size + path.connections.size > 0; turns++)
        await new Promise((resolve) => setImmediate(resolve))
      const forwarded = Buffer.concat(received)
      return {
        forwarded,
        answers: Buffer.concat(got).toString('latin1'),
        stuck: stuck && forwarded.length < expected.length,
      }
    },
    open: () => upstreams.size + path.connections.size,
    close() {
      path.close()
      server.close()
      for (const each of upstreams) each.destroy()
    },
  }
}
