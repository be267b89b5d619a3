// One large body each way, with a receiver that reads more slowly than the sender sends.

import { once } from 'node:events'
import { createServer as createHttp1, request } from 'node:http'
import { connect, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Transfer {
  readonly protocol: 'HTTP/1.1' | 'HTTP/2'
  readonly direction: 'up' | 'down'
}

export const TRANSFERS: readonly Transfer[] = [
  { protocol: 'HTTP/1.1', direction: 'up' },
  { protocol: 'HTTP/1.1', direction: 'down' },
  { protocol: 'HTTP/2', direction: 'up' },
  { protocol: 'HTTP/2', direction: 'down' },
]

/** What the slow end reads, well below what a sidecar carries: the fast end always has more to send. */
export const BYTES_PER_SECOND = 64 * 1024 * 1024

const PIECE = Buffer.alloc(64 * 1024)

/** Reads no faster than so, and returns how many bytes came. */
export async function readSlowly(stream: Readable, bytesPerSecond: number): Promise<number> {
  const start = performance.now()
  let bytes = 0
  for await (const chunk of stream) {
    bytes += Buffer.isBuffer(chunk) ? chunk.length : 0
    const ahead = (bytes / bytesPerSecond) * 1000 - (performance.now() - start)
    if (ahead > 5) await sleep(ahead)
  }
  return bytes
}

/** Writes zeros as fast as they are taken, and ends the stream. */
export async function writeFast(stream: Writable, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= PIECE.length) {
    if (!stream.write(left < PIECE.length ? PIECE.subarray(0, left) : PIECE)) await once(stream, 'drain')
  }
  stream.end()
}

export interface TransferServer {
  readonly port: number
  close(): void
}

/** Answers an upload with the number of bytes that it read slowly, and every other request with `bytes` zeros. */
export async function startTransferServer({ protocol }: Transfer, bytes: number): Promise<TransferServer> {
  const serve = async (method: string | undefined, from: Readable, to: Writable): Promise<void> => {
    if (method === 'POST') to.end(String(await readSlowly(from, BYTES_PER_SECOND)))
    else await writeFast(to, bytes)
  }
  // A transfer that was broken off is seen at the other end, by its missing bytes.
  const server =
    protocol === 'HTTP/2'
      ? createHttp2((from, to) => void serve(from.method, from, to.stream).catch(() => to.stream.destroy()))
      : createHttp1((from, to) => void serve(from.method, from, to).catch(() => to.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  const { port } = server.address() as AddressInfo
  return { port, close: () => server.close() }
}

/** Sends or receives one body through the proxy on `port`; returns how many bytes reached the receiver. */
export async function transfer(
  { protocol, direction }: Transfer,
  port: number,
  baggage: string,
  bytes: number,
  signal: AbortSignal,
): Promise<number> {
  const exchange = protocol === 'HTTP/2' ? exchangeHttp2 : exchangeHttp1
  return exchange(port, direction === 'up' ? 'POST' : 'GET', baggage, signal, async (to, answer) => {
    if (direction === 'down') {
      to.end()
      return readSlowly(await answer, BYTES_PER_SECOND)
    }
    const [count] = await Promise.all([answer.then(text), writeFast(to, bytes)])
    return Number(count)
  })
}

type Work = (to: Writable, answer: Promise<Readable>) => Promise<number>

async function exchangeHttp1(
  port: number,
  method: string,
  baggage: string,
  signal: AbortSignal,
  work: Work,
): Promise<number> {
  const sent = request({ host: '127.0.0.1', port, method, headers: { baggage }, agent: false, signal })
  const answer = new Promise<Readable>((resolve, reject) => sent.once('response', resolve).once('error', reject))
  return work(sent, answer)
}

async function exchangeHttp2(
  port: number,
  method: string,
  baggage: string,
  signal: AbortSignal,
  work: Work,
): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`)
  try {
    const stream = session.request({ ':method': method, ':path': '/', baggage }, { signal, endStream: false })
    const answer = new Promise<Readable>((resolve, reject) => {
      session.once('error', reject)
      stream.once('response', () => resolve(stream)).once('error', reject)
    })
    return await work(stream, answer)
  } finally {
    session.destroy()
  }
}
