// Reads what a client sends, frame by frame: the server's side of RFC 9113 §5.1 and §6.

import { ClientStreams } from './client-streams.ts'
import { ConnectionError, ErrorCode, protocolError } from './error-code.ts'
import type { Downstream } from './downstream.ts'
import { FloodGuard } from './flood-guard.ts'
import { FRAME_HEADER, Flag, FrameType, MAX_WINDOW, PREFACE, read31, streamId } from './frame.ts'
import { FrameReader, type FrameSink } from './frame-reader.ts'
import { BlockAssembly, dependsOnItself, fragmentEnd, fragmentStart, isBare } from './header-block.ts'
import { Keepalive } from './keepalive.ts'
import { SETTINGS_ACK, readSettings } from './settings.ts'

/** To change so many windows is as much work as to answer a PING: 12 ns each, and 220. */
const WINDOWS_PER_FRAME = 16

export class ClientFrames implements FrameSink {
  onPingAck: (() => void) | undefined
  readonly #client: Downstream
  readonly #reader = new FrameReader(this)
  readonly #assembly: BlockAssembly
  readonly #streams: ClientStreams
  readonly #guard: FloodGuard
  readonly #keepalive: Keepalive
  #prefaceRead = 0
  #begun = false

  constructor(client: Downstream) {
    this.#client = client
    this.#assembly = new BlockAssembly(client.context.limits)
    this.#guard = new FloodGuard(client.context.limits)
    this.#streams = new ClientStreams(client, this.#guard)
    this.#keepalive = new Keepalive(client.link, () => client.outlets.flush())
  }

  stop(): void {
    this.#reader.stop()
  }

  /** Throws ConnectionError. */
  push(bytes: Buffer): void {
    if (this.#prefaceRead === PREFACE.length) {
      this.#reader.push(bytes)
      return
    }
    const part = Math.min(PREFACE.length - this.#prefaceRead, bytes.length)
    if (PREFACE.compare(bytes, 0, part, this.#prefaceRead, this.#prefaceRead + part) !== 0) {
      throw new ConnectionError(ErrorCode.protocol, 'a broken preface')
    }
    this.#prefaceRead += part
    if (part < bytes.length) this.#reader.push(bytes.subarray(part))
  }

  frame(bytes: Buffer, at: number, length: number): void {
    const type = bytes[at + 3]!
    const flags = bytes[at + 4]!
    const id = streamId(bytes, at)
    if (this.#assembly.stream !== 0 && (type !== FrameType.continuation || id !== this.#assembly.stream)) {
      throw protocolError('a frame inside a header block')
    }
    if (!this.#begun && (type !== FrameType.settings || (flags & Flag.ack) !== 0))
      throw protocolError('no SETTINGS first')
    switch (type) {
      case FrameType.data:
        this.#streams.data(id, bytes, at, length)
        return
      case FrameType.headers:
        this.#headers(id, flags, bytes, at)
        return
      case FrameType.continuation: {
        const block = this.#assembly.continue(bytes, at, length)
        if (block === undefined) return
        this.#streams.block({
          id,
          endStream: this.#assembly.endStream,
          block,
          frameAt: -1,
          start: 0,
          end: block.length,
        })
        return
      }
      case FrameType.priority:
        this.#guard.idle('PRIORITY')
        this.#streams.priority(id, bytes, at, length)
        return
      case FrameType.reset:
        expectLength(length, 4, 'RST_STREAM')
        this.#streams.reset(id, bytes.readUInt32BE(at + FRAME_HEADER))
        return
      case FrameType.settings:
        this.#settings(id, flags, bytes, at, length)
        return
      case FrameType.pushPromise:
        throw protocolError('PUSH_PROMISE from a client')
      case FrameType.ping:
        this.#ping(id, flags, bytes, at, length)
        return
      case FrameType.goaway:
        if (id !== 0) throw protocolError('GOAWAY on a stream')
        if (length < 8) throw new ConnectionError(ErrorCode.frameSize, 'GOAWAY of a broken length')
        // It opens no more streams and closes the connection itself when the last one is over.
        return
      case FrameType.windowUpdate:
        expectLength(length, 4, 'WINDOW_UPDATE')
        if (id === 0) this.#grow(read31(bytes, at + FRAME_HEADER))
        else this.#streams.windowUpdate(id, read31(bytes, at + FRAME_HEADER))
        return
      default:
        this.#guard.idle('unknown frames')
    }
  }

  #headers(id: number, flags: number, bytes: Buffer, at: number): void {
    if ((id & 1) === 0) throw protocolError('HEADERS on a stream that clients cannot open')
    const start = fragmentStart(bytes, at)
    if (dependsOnItself(bytes, at)) throw protocolError('a stream that depends on itself')
    if ((flags & Flag.endHeaders) === 0) {
      this.#assembly.begin(bytes, at)
      return
    }
    const endStream = (flags & Flag.endStream) !== 0
    const frameAt = isBare(bytes, at) ? at : -1
    this.#streams.block({ id, endStream, block: bytes, frameAt, start, end: fragmentEnd(bytes, at) })
  }

  #settings(id: number, flags: number, bytes: Buffer, at: number, length: number): void {
    const client = this.#client
    if (id !== 0) throw protocolError('SETTINGS on a stream')
    if ((flags & Flag.ack) !== 0) {
      expectLength(length, 0, 'the acknowledgement of SETTINGS')
      this.#guard.idle('SETTINGS')
      client.table?.acknowledge()
      return
    }
    this.#guard.idle('SETTINGS')
    const settings = readSettings(bytes, at, length, 'client')
    if (settings.maxHeaderListSize !== undefined) client.maxHeaderListSize = settings.maxHeaderListSize
    if (settings.initialWindowSize !== undefined) this.#changeWindow(settings.initialWindowSize)
    client.link.send(SETTINGS_ACK)
    if (this.#begun) return
    this.#begun = true
    client.begun()
  }

  /** Upstream sessions are told; the sidecar holds the windows by itself, so the acknowledgement need not wait for theirs. */
  #changeWindow(size: number): void {
    const client = this.#client
    const change = size - client.clientWindow
    if (change === 0) return
    this.#guard.idle('SETTINGS', Math.ceil(client.streams.size / WINDOWS_PER_FRAME))
    client.clientWindow = size
    for (const { response } of client.streams.values()) {
      response.window += change
      if (response.window > MAX_WINDOW) throw new ConnectionError(ErrorCode.flowControl, 'a window above 2^31 - 1')
      if (change > 0) client.responses.drain(response)
    }
    for (const upstream of client.pool.sessions) upstream.announceWindow(size)
  }

  #grow(increment: number): void {
    if (increment === 0) throw protocolError('a WINDOW_UPDATE of 0')
    this.#client.responses.grow(increment)
  }

  #ping(id: number, flags: number, bytes: Buffer, at: number, length: number): void {
    if (id !== 0) throw protocolError('PING on a stream')
    expectLength(length, 8, 'PING')
    this.#guard.idle('PING')
    if ((flags & Flag.ack) === 0) {
      this.#keepalive.ping(bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + 8), this.#client.pool.sessions)
    } else this.onPingAck?.()
  }
}

function expectLength(length: number, expected: number, what: string): void {
  if (length !== expected) throw new ConnectionError(ErrorCode.frameSize, `${what} of ${length} bytes`)
}
