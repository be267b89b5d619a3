// Streams whose HEADERS wait for an upstream session: for its SETTINGS, or for a place among its MAX_CONCURRENT_STREAMS; in the order of their ids.

import type { Downstream } from './downstream.ts'
import type { Stream } from './stream.ts'

export class WaitingStreams {
  readonly #client: Downstream
  /** Made for the first one. */
  #streams: Set<Stream> | undefined

  constructor(client: Downstream) {
    this.#client = client
  }

  get some(): boolean {
    return this.#streams !== undefined && this.#streams.size > 0
  }

  /** Keeps a copy of a stream's HEADERS, `bytes[start, end)`. */
  add(stream: Stream, bytes: Buffer, start: number, end: number): void {
    stream.head = Buffer.from(bytes.subarray(start, end))
    this.#client.credit.waiting(end - start)
    this.#client.context.waits(end - start)
    this.adopt(stream)
  }

  /** Takes a stream that has waited elsewhere. */
  adopt(stream: Stream): void {
    ;(this.#streams ??= new Set()).add(stream)
  }

  /** Gives up all of them. */
  surrender(): readonly Stream[] {
    const streams = [...(this.#streams ?? [])]
    this.#streams?.clear()
    return streams
  }

  /** The stream is over, wherever it was. */
  forget(stream: Stream): void {
    this.#streams?.delete(stream)
    if (stream.head === undefined) return
    this.#client.credit.waiting(-stream.head.length)
    stream.head = undefined
  }

  /** Hands on those that may start, while there is room. */
  admit(hasRoom: () => boolean, start: (stream: Stream, head: Buffer) => void): void {
    for (const stream of this.#streams ?? []) {
      if (!hasRoom()) return
      this.#streams?.delete(stream)
      const { head } = stream
      if (head === undefined) continue
      this.#client.credit.waiting(-head.length)
      start(stream, head)
    }
  }
}
