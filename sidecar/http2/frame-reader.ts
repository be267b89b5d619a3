// Cuts the bytes of a socket into frames, in place where a frame lies in one chunk.

import { ConnectionError, ErrorCode } from './error-code.ts'
import { FRAME_HEADER, MAX_FRAME, payloadLength } from './frame.ts'

export interface FrameSink {
  /** A whole frame: its header at `at`, its payload of `length` bytes behind. The bytes are never written to again. */
  frame(bytes: Buffer, at: number, length: number): void
}

export class FrameReader {
  readonly #sink: FrameSink
  /** Made for the first header that straddles chunks. */
  #header: Buffer | undefined
  /** The frame that the last chunk began and did not end, or its header as far as it came. */
  #partial: Buffer | undefined
  #have = 0
  #stopped = false

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Nothing more is shown, not even the rest of a chunk that is being read. */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
  }

  /** Throws ConnectionError FRAME_SIZE_ERROR at the header of a frame that is larger than MAX_FRAME (§4.2). */
  push(chunk: Buffer): void {
    if (this.#stopped) return
    let at = this.#have > 0 ? this.#complete(chunk) : 0
    while (!this.#stopped && chunk.length - at >= FRAME_HEADER) {
      const length = checkedLength(chunk, at)
      if (at + FRAME_HEADER + length > chunk.length) break
      this.#sink.frame(chunk, at, length)
      at += FRAME_HEADER + length
    }
    if (!this.#stopped && at < chunk.length) this.#keep(chunk, at)
  }

  /** Feeds the frame that straddles chunks; returns how much of `chunk` it took. */
  #complete(chunk: Buffer): number {
    let at = 0
    if (this.#partial === undefined) {
      const header = (this.#header ??= Buffer.alloc(FRAME_HEADER))
      at = chunk.copy(header, this.#have, 0, FRAME_HEADER - this.#have)
      this.#have += at
      if (this.#have < FRAME_HEADER) return at
      this.#partial = begin(header, 0)
    }
    const copied = chunk.copy(this.#partial, this.#have, at)
    this.#have += copied
    at += copied
    if (this.#have === this.#partial.length) {
      const whole = this.#partial
      this.#partial = undefined
      this.#have = 0
      this.#sink.frame(whole, 0, whole.length - FRAME_HEADER)
    }
    return at
  }

  #keep(chunk: Buffer, at: number): void {
    if (chunk.length - at < FRAME_HEADER) {
      this.#header ??= Buffer.alloc(FRAME_HEADER)
      this.#have = chunk.copy(this.#header, 0, at)
      return
    }
    this.#partial = begin(chunk, at)
    this.#have = chunk.copy(this.#partial, 0, at)
  }
}

/** Room for the frame whose header is at `at`, the header in it. */
function begin(bytes: Buffer, at: number): Buffer {
  const whole = Buffer.allocUnsafe(FRAME_HEADER + checkedLength(bytes, at))
  bytes.copy(whole, 0, at, at + FRAME_HEADER)
  return whole
}

function checkedLength(bytes: Buffer, at: number): number {
  const length = payloadLength(bytes, at)
  if (length > MAX_FRAME) throw new ConnectionError(ErrorCode.frameSize, `a frame of ${length} bytes`)
  return length
}
