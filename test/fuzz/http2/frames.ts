// Frames into the router: no exception, every connection ends or keeps working, and no stream or socket is left behind.

import { once } from 'node:events'
import net from 'node:net'
import { FRAME_HEADER, FrameType, PREFACE, frame, payloadLength, streamId } from '../../../sidecar/http2/frame.ts'
import { SETTINGS_ACK, settingsFrame } from '../../../sidecar/http2/settings.ts'
import { listen } from '../../fixtures/http2/listen.ts'
import { cut, mutate } from '../mutation.ts'
import { Random } from '../random.ts'
import type { Target } from '../target.ts'
import { clientFrames, serverFrames } from './frame-grammar.ts'
import { startHttp2Path } from './path.ts'

const PATIENCE_MS = 6_000
const PROBE = frame(FrameType.ping, 0, 0, Buffer.from('alive???'))
const HEAD_200 = Buffer.of(0x88)

/** The frames in the bytes that came so far: a number of its type and stream for each whole one. */
function* framesOf(bytes: Buffer): Generator<{ type: number; flags: number; id: number; end: number }> {
  for (let at = 0; bytes.length - at >= FRAME_HEADER;) {
    const end = at + FRAME_HEADER + payloadLength(bytes, at)
    if (end > bytes.length) return
    yield { type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, id: streamId(bytes, at), end }
    at = end
  }
}

class Server {
  /** Decides what is answered; set before each execution. */
  random = new Random(0)
  readonly #hostile: boolean
  readonly sockets = new Set<net.Socket>()
  readonly server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket))

  constructor(hostile: boolean) {
    this.#hostile = hostile
  }

  #serve(socket: net.Socket): void {
    this.sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket))
    socket.write(Buffer.concat([settingsFrame([]), SETTINGS_ACK]))
    let bytes = Buffer.alloc(0)
    let skip = PREFACE.length
    socket.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part])
      if (bytes.length < skip) return
      bytes = bytes.subarray(skip)
      skip = 0
      let read = 0
      for (const { type, id, flags, end } of framesOf(bytes)) {
        read = end
        if (type > FrameType.headers || socket.destroyed) continue
        if (this.#hostile) this.#misbehave(socket, id)
        else if ((flags & 1) !== 0) socket.write(frame(FrameType.headers, 5, id, HEAD_200))
      }
      bytes = bytes.subarray(read)
    })
  }

  #misbehave(socket: net.Socket, id: number): void {
    const { random } = this
    const fate = random.next()
    if (fate < 0.03) socket.resetAndDestroy()
    else if (fate < 0.06) socket.end()
    else {
      const bytes = serverFrames(random, id)
      socket.write(random.chance(0.8) ? bytes : mutate(random, bytes, Buffer.of(0, 1, 4, 5, 8, 9, 0x40, 0x80, 0xff)))
    }
  }
}

export async function startFrames(): Promise<Target> {
  const good = new Server(false)
  const hostile = new Server(true)
  const path = await startHttp2Path(await listen(good.server), await listen(hostile.server))
  const counts = { working: 0, ended: 0 }
  const left = (): number => path.sockets() + good.sockets.size + hostile.sockets.size

  const execute = async (input: Buffer, random: Random): Promise<string | undefined> => {
    good.random = hostile.random = random
    const socket = net.connect({ port: path.port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    const over = new Promise<'working' | 'ended' | 'stuck'>((resolve) => {
      const timer = setTimeout(() => resolve('stuck'), PATIENCE_MS)
      let bytes = Buffer.alloc(0)
      const settle = (how: 'working' | 'ended'): void => {
        clearTimeout(timer)
        resolve(how)
      }
      socket.on('error', () => {}).on('close', () => settle('ended'))
      socket.on('data', (part: Buffer) => {
        bytes = Buffer.concat([bytes, part])
        if (bytes.includes('alive???')) settle('working')
      })
    })
    for (const part of cut(random, Buffer.concat([PREFACE, input]))) {
      if (!socket.writable) break
      socket.write(part)
      if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve))
    }
    // Damage to a length makes the rest one frame's payload: filled up, so that every frame comes to its end.
    socket.write(PROBE)
    setTimeout(() => socket.writable && socket.write(Buffer.alloc(16_400)), 100).unref()
    const how = await over
    if (random.chance(0.3)) socket.resetAndDestroy()
    else socket.destroy()
    if (how === 'stuck') return 'the connection neither works nor ends'
    counts[how]++
    const end = performance.now() + PATIENCE_MS
    for (let turns = 0; left() > 0 && performance.now() < end; turns++)
      await new Promise((resolve) => (turns < 200 ? setImmediate(resolve) : setTimeout(resolve, 2)))
    const errors = path.takeErrors()
    if (errors.length > 0)
      return `the router failed: ${errors.map((error) => (error as Error).stack ?? String(error)).join('\n')}`
    if (path.strayStreams() > 0) return `${path.strayStreams()} streams outlive their connection`
    return left() > 0 ? `${left()} sockets are left: ${path.sockets()} of clients` : undefined
  }

  return {
    name: 'frames',
    concurrency: 1,
    generate: (random) => {
      const bytes = clientFrames(random)
      return random.chance(0.6) ? bytes : mutate(random, bytes, Buffer.of(0, 1, 4, 5, 8, 9, 0x20, 0x40, 0x80, 0xff))
    },
    execute,
    summary: () => JSON.stringify(counts),
    async close() {
      path.close()
      for (const { server, sockets } of [good, hostile]) {
        server.close()
        for (const socket of sockets) socket.destroy()
      }
    },
  }
}
