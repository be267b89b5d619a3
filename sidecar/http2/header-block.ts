// Header blocks and the frames that carry them: HEADERS and its CONTINUATIONs put together and taken apart (RFC 9113 §4.3, §6.2, §6.10).

import { ConnectionError, ErrorCode } from './error-code.ts'
import { FRAME_HEADER, Flag, FrameType, MAX_FRAME, frame, payloadLength, read31, streamId } from './frame.ts'

const SIZE_UPDATE_TO_ZERO = 0x20

/** Where the fragment of a HEADERS frame at `at` begins; also checks what lies around it. */
export function fragmentStart(bytes: Buffer, at: number): number {
  const flags = bytes[at + 4]!
  let start = at + FRAME_HEADER
  if ((flags & Flag.padded) !== 0) start++
  if ((flags & Flag.priority) !== 0) start += 5
  if (start > at + FRAME_HEADER + payloadLength(bytes, at))
    throw new ConnectionError(ErrorCode.frameSize, 'HEADERS too small for their flags')
  if (start > fragmentEnd(bytes, at)) throw new ConnectionError(ErrorCode.protocol, 'padding longer than its frame')
  return start
}

export function fragmentEnd(bytes: Buffer, at: number): number {
  const length = payloadLength(bytes, at)
  const padding = (bytes[at + 4]! & Flag.padded) === 0 ? 0 : bytes[at + FRAME_HEADER]!
  return at + FRAME_HEADER + length - padding
}

/** The frame at `at` can be passed on as it is: nothing in it but the block, and no bits that mean nothing (§4.1). */
export function isBare(bytes: Buffer, at: number): boolean {
  return (bytes[at + 4]! & ~(Flag.endStream | Flag.endHeaders)) === 0 && bytes[at + 5]! < 0x80
}

/** A stream that depends on itself is an error of RFC 7540 §5.3.1 that some still test for. */
export function dependsOnItself(bytes: Buffer, at: number): boolean {
  const flags = bytes[at + 4]!
  if ((flags & Flag.priority) === 0) return false
  return read31(bytes, at + FRAME_HEADER + ((flags & Flag.padded) === 0 ? 0 : 1)) === streamId(bytes, at)
}

/** HEADERS, and CONTINUATION as far as needed, for a block of any size. */
export function headerFrames(id: number, endStream: boolean, block: Buffer): Buffer {
  const end = endStream ? Flag.endStream : 0
  if (block.length <= MAX_FRAME) return frame(FrameType.headers, end | Flag.endHeaders, id, block)
  const frames: Buffer[] = []
  for (let at = 0; at < block.length; at += MAX_FRAME) {
    const type = at === 0 ? FrameType.headers : FrameType.continuation
    const last = at + MAX_FRAME >= block.length ? Flag.endHeaders : 0
    frames.push(frame(type, last | (at === 0 ? end : 0), id, block.subarray(at, at + MAX_FRAME)))
  }
  return Buffer.concat(frames)
}

/** The block that `frames`, HEADERS and its CONTINUATIONs, carry. */
export function blockOf(frames: Buffer): Buffer {
  const parts = [frames.subarray(fragmentStart(frames, 0), fragmentEnd(frames, 0))]
  for (let at = FRAME_HEADER + payloadLength(frames, 0); at < frames.length;) {
    const next = at + FRAME_HEADER + payloadLength(frames, at)
    parts.push(frames.subarray(at + FRAME_HEADER, next))
    at = next
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/**
 * The same frames with a size update to 0 before their block: who reads them may have announced a smaller table than the
 * default and must then see one (RFC 7541 §4.2). The block grows by a byte, so it is framed again.
 */
export function withSizeUpdate(frames: Buffer): Buffer {
  const block = blockOf(frames)
  const endStream = (frames[4]! & Flag.endStream) !== 0
  if (block[0] === SIZE_UPDATE_TO_ZERO) return Buffer.from(frames)
  return headerFrames(streamId(frames, 0), endStream, Buffer.concat([Buffer.of(SIZE_UPDATE_TO_ZERO), block]))
}

/** Gathers a block that comes in several frames, within limits: nothing else may come between them (§4.3). */
export class BlockAssembly {
  readonly #limits: { readonly blockBytes: number; readonly blockFrames: number }
  #fragments: Buffer[] = []
  #bytes = 0
  /** Of the block being gathered; 0 while there is none. */
  stream = 0
  endStream = false

  constructor(limits: { readonly blockBytes: number; readonly blockFrames: number }) {
    this.#limits = limits
  }

  /** A HEADERS frame without END_HEADERS. */
  begin(bytes: Buffer, at: number): void {
    this.stream = streamId(bytes, at)
    this.endStream = (bytes[at + 4]! & Flag.endStream) !== 0
    this.#add(bytes.subarray(fragmentStart(bytes, at), fragmentEnd(bytes, at)))
  }

  /** A CONTINUATION frame; the block if it is the last one. */
  continue(bytes: Buffer, at: number, length: number): Buffer | undefined {
    if (this.stream === 0) throw new ConnectionError(ErrorCode.protocol, 'CONTINUATION without HEADERS')
    this.#add(bytes.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length))
    if ((bytes[at + 4]! & Flag.endHeaders) === 0) return undefined
    const block = Buffer.concat(this.#fragments)
    this.#fragments = []
    this.#bytes = 0
    this.stream = 0
    return block
  }

  /** Copies: a fragment must not keep its whole chunk alive until a slow peer sends the next one. */
  #add(fragment: Buffer): void {
    this.#bytes += fragment.length
    if (this.#bytes > this.#limits.blockBytes || this.#fragments.length >= this.#limits.blockFrames) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, 'a header block beyond the limits')
    }
    this.#fragments.push(Buffer.from(fragment))
  }
}
