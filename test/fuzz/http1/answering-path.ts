// Gives a client of the sidecar an upstream's bytes on real sockets, and records what of them the client gets.

import net from 'node:net'
import { ready, startDataPath } from '../../fixtures/data-path.ts'
import { listen } from '../../fixtures/http2/listen.ts'
import type { Asked } from './response-grammar.ts'

const PATIENCE_MS = 6_000

export interface Answer {
  readonly asked: Asked
  /** The upstream sends each in a turn of its own. */
  readonly parts: readonly Buffer[]
  /** The upstream ends its connection behind them. */
  readonly ends: boolean
  /** A fork answers, not the baseline. */
  readonly fork: boolean
  /** The client sends a second request with the first one: its answer, and what the client is to get of that at the end of everything. */
  readonly second: { readonly sent: Buffer; readonly got: Buffer } | undefined
}

export interface Got {
  readonly bytes: Buffer
  /** How the sidecar ended the client's connection; undefined if it did not before the client did. */
  readonly ended: 'end' | 'reset' | undefined
  /** Neither did that connection end, nor came the second answer. */
  readonly stuck: boolean
}

export interface AnsweringPath {
  /** What `route` says in a response of the fork. */
  readonly route: string
  answer(answer: Answer): Promise<Got>
  /** Sockets and connections that are left. */
  readonly open: () => number
  close(): void
}

const KEY = 'pr-42'
const SECOND = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n'

function requestFor({ asked, fork, second }: Answer): string {
  const line = asked === 'CONNECT' ? 'CONNECT a:443' : asked === 'an upgrade' ? 'GET /first' : `${asked} /first`
  const host = asked === 'CONNECT' ? 'a:443' : 'a'
  const upgrade = asked === 'an upgrade' ? 'Connection: Upgrade\r\nUpgrade: websocket\r\n' : ''
  const baggage = `baggage: sidetrack=${KEY}\r\n`
  const request = `${line} HTTP/1.1\r\nHost: ${host}\r\n${upgrade}${fork ? baggage : ''}\r\n`
  return request + (second === undefined ? '' : fork ? SECOND.replace('\r\n\r\n', `\r\n${baggage}\r\n`) : SECOND)
}

function count(requests: string): number {
  return requests.split('\r\n\r\n').length - 1
}

/** One answer at a time. */
export async function startAnsweringPath(): Promise<AnsweringPath> {
  let current: Answer | undefined
  const upstreams = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let requests = ''
    upstreams.add(socket)
    socket.on('error', () => {}).on('close', () => upstreams.delete(socket))
    socket.on('end', () => socket.end())
    socket.on('data', (part: Buffer) => {
      const before = count(requests)
      requests += part.toString('latin1')
      if (current === undefined) return
      // The sidecar sends the second one when the first has its answer.
      if (before < 1 && count(requests) >= 1) void sendAll(socket, current)
      if (before < 2 && count(requests) >= 2 && current.second !== undefined) socket.write(current.second.sent)
    })
  })
  const address = { host: '127.0.0.1', port: await listen(server) }
  const path = await startDataPath({ baseline: address, routes: [ready(KEY, address)] })
  const open = (): number => upstreams.size + path.connections.size
  return {
    route: `cart=${KEY}`,
    open,
    async answer(answer) {
      current = answer
      const got: Buffer[] = []
      let ended: Got['ended']
      const socket = net.connect({ port: path.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
      const stuck = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), PATIENCE_MS)
        const done = (): void => {
          clearTimeout(timer)
          resolve(false)
        }
        const sought = answer.second?.got
        socket.on('data', (part: Buffer) => {
          got.push(part)
          if (sought !== undefined && Buffer.concat(got).subarray(-sought.length).equals(sought)) done()
        })
        socket.on('end', () => (ended ??= 'end')).on('end', done)
        socket.on('error', () => (ended ??= 'reset')).on('close', done)
        socket.write(requestFor(answer), 'latin1')
      })
      socket.end()
      // Whatever still comes is heard, before the sockets go.
      for (let turns = 0; turns < 2000 && open() > 0; turns++) await turn()
      socket.destroy()
      for (let turns = 0; turns < 2000 && open() > 0; turns++) await turn()
      current = undefined
      return { bytes: Buffer.concat(got), ended, stuck }
    },
    close() {
      path.close()
      server.close()
      for (const each of upstreams) each.destroy()
    },
  }
}

async function sendAll(socket: net.Socket, { parts, ends }: Answer): Promise<void> {
  for (const part of parts) {
    if (!socket.writable) return
    socket.write(part)
    if (parts.length > 1) await turn()
  }
  if (ends) socket.end()
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
