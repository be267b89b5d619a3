// Sends the halves of streams through one connection: at once while windows allow it, otherwise each stream waits in a queue
// of its own, so that a stalled one holds back neither the HEADERS nor the DATA of others.

import { dataFrame, FRAME_HEADER, Flag, FrameType, DEFAULT_WINDOW, MAX_WINDOW, payloadLength } from './frame.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import type { Link } from './link.ts'
import type { Half } from './stream.ts'

export interface SendPathOwner {
  /** `length` flow-controlled bytes left. */
  sent(half: Half, length: number): void
  /** `length` bytes of padding were dropped from a frame that had to be split; they had been queued. */
  dropped(half: Half, length: number): void
  /** END_STREAM or RST_STREAM has gone out. */
  finished(half: Half, reset: boolean): void
  /** `length` bytes more, headers of frames included, wait in memory; negative: fewer. */
  waiting(length: number): void
}

export class SendPath {
  readonly #link: Link
  readonly #owner: SendPathOwner
  /** Those that wait for the connection's window alone; those that wait for their own are drained when that grows. Made for the first one. */
  #stalled: Set<Half> | undefined
  /** The connection window. */
  #window = DEFAULT_WINDOW

  constructor(link: Link, owner: SendPathOwner) {
    this.#link = link
    this.#owner = owner
  }

  get window(): number {
    return this.#window
  }

  /** A DATA frame of the sidecar's own, for which there is room. */
  sendOwn(bytes: Buffer): void {
    this.#window -= payloadLength(bytes, 0)
    this.#link.send(bytes)
  }

  /** A DATA frame of `length` bytes payload and padding at `at`. `direct` false: the stream may not send anything yet. */
  data(half: Half, bytes: Buffer, at: number, length: number, direct: boolean): void {
    if (direct && half.queue === undefined && (length === 0 || (length <= this.#window && length <= half.window))) {
      this.#window -= length
      half.window -= length
      this.#link.put(bytes, at, at + FRAME_HEADER + length)
      this.#owner.sent(half, length)
      if ((bytes[at + 4]! & Flag.endStream) !== 0) this.#owner.finished(half, false)
      return
    }
    half.queued += length
    this.#wait(half, bytes, at, at + FRAME_HEADER + length)
    if (direct) this.drain(half)
  }

  /** HEADERS with their CONTINUATION; `last` if they end the stream. They need no window but keep their place. */
  head(half: Half, bytes: Buffer, start: number, end: number, last: boolean, direct: boolean): void {
    if (!direct || half.queue !== undefined) {
      this.#wait(half, bytes, start, end)
      return
    }
    this.#link.putHead(bytes, start, end)
    if (last) this.#owner.finished(half, false)
  }

  /** An RST_STREAM that comes after everything queued. */
  resetAfter(half: Half, bytes: Buffer): void {
    this.#wait(half, bytes, 0, bytes.length)
  }

  /** Connection window grew. Throws FLOW_CONTROL_ERROR past 2^31 - 1 (RFC 9113 §6.9.1). */
  grow(increment: number): void {
    this.#window += increment
    if (this.#window > MAX_WINDOW)
      throw new ConnectionError(ErrorCode.flowControl, 'a connection window above 2^31 - 1')
    // A half that stalls again has sent a byte at least, and goes behind the others: they are looked at once each, and only as long as there is room.
    const stalled = this.#stalled
    if (stalled === undefined) return
    let left = stalled.size
    for (const half of stalled) {
      if (this.#window <= 0 || left-- === 0) return
      stalled.delete(half)
      this.drain(half)
    }
  }

  /** Sends what the windows allow of what waits. */
  drain(half: Half): void {
    const { queue } = half
    if (queue === undefined) return
    let next = 0
    let reset = false
    let last = false
    for (; next < queue.length; next++) {
      const bytes = queue[next]!
      const type = bytes[3]!
      if (type === FrameType.data) {
        const rest = this.#sendQueuedData(half, bytes)
        if (rest !== undefined) {
          queue[next] = rest
          break
        }
      } else if (type === FrameType.headers) this.#link.putHead(bytes, 0, bytes.length)
      else this.#link.send(bytes)
      this.#owner.waiting(-bytes.length)
      reset = type === FrameType.reset
      last = reset || (bytes[4]! & Flag.endStream) !== 0
    }
    if (next < queue.length) {
      if (next > 0) queue.splice(0, next)
      if (half.window > 0) (this.#stalled ??= new Set()).add(half)
      else this.#stalled?.delete(half)
      return
    }
    half.queue = undefined
    this.#stalled?.delete(half)
    if (last) this.#owner.finished(half, reset)
  }

  /** Throws away what waits; returns the flow-controlled bytes of it. */
  drop(half: Half): number {
    this.#stalled?.delete(half)
    if (half.queue === undefined) return 0
    const { queued, queue } = half
    for (const bytes of queue) this.#owner.waiting(-bytes.length)
    half.queue = undefined
    half.queued = 0
    return queued
  }

  /** Undefined if the whole frame went; otherwise what is left of it. A partly usable window is used, or both sides would wait for ever. */
  #sendQueuedData(half: Half, bytes: Buffer): Buffer | undefined {
    const length = payloadLength(bytes, 0)
    const room = Math.min(this.#window, half.window)
    if (length === 0 || length <= room) {
      this.#took(half, length)
      this.#link.send(bytes)
      return undefined
    }
    if (room <= 0) return bytes
    const flags = bytes[4]!
    if ((flags & Flag.padded) !== 0) return this.#withoutPadding(half, bytes)
    this.#link.send(dataFrame(half.stream.id, false, bytes.subarray(FRAME_HEADER, FRAME_HEADER + room)))
    this.#took(half, room)
    this.#owner.waiting(-room)
    return dataFrame(half.stream.id, (flags & Flag.endStream) !== 0, bytes.subarray(FRAME_HEADER + room))
  }

  #withoutPadding(half: Half, bytes: Buffer): Buffer | undefined {
    const padding = bytes[FRAME_HEADER]!
    const payload = bytes.subarray(FRAME_HEADER + 1, bytes.length - padding)
    const plain = dataFrame(half.stream.id, (bytes[4]! & Flag.endStream) !== 0, payload)
    half.queued -= padding + 1
    this.#owner.waiting(-(padding + 1))
    this.#owner.dropped(half, padding + 1)
    const rest = this.#sendQueuedData(half, plain)
    // The caller counts the original frame as gone; what was subtracted here is already off.
    if (rest === undefined) this.#owner.waiting(padding + 1)
    return rest
  }

  #took(half: Half, length: number): void {
    this.#window -= length
    half.window -= length
    half.queued -= length
    this.#owner.sent(half, length)
  }

  /** Copies: what waits must not keep a chunk of 64 KiB alive. */
  #wait(half: Half, bytes: Buffer, start: number, end: number): void {
    ;(half.queue ??= []).push(Buffer.from(bytes.subarray(start, end)))
    this.#owner.waiting(end - start)
  }
}
