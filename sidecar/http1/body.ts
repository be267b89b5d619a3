// A message body as its bytes pass: how many of them belong to it, and whether it is complete.

import { ChunkedBody } from './chunked.ts'
import type { Framing } from './framing.ts'

export class Body {
  /** Bytes still to come; Infinity for a body that ends with the connection. */
  #left: number
  readonly #chunked: ChunkedBody | undefined

  constructor(framing: Exclude<Framing, { kind: 'ambiguous' }>, lenient: boolean) {
    this.#left = framing.kind === 'length' ? framing.length : Number.POSITIVE_INFINITY
    this.#chunked = framing.kind === 'chunked' ? new ChunkedBody(lenient) : undefined
  }

  get done(): boolean {
    return this.#chunked === undefined ? this.#left === 0 : this.#chunked.done
  }

  /** True if only the end of the connection ends it. */
  get endsWithConnection(): boolean {
    return this.#chunked === undefined && this.#left === Number.POSITIVE_INFINITY
  }

  get fault(): string {
    return this.#chunked?.fault ?? ''
  }

  /** The index after the body's last byte in `bytes`, at most its length; -1 if the framing is broken. */
  consume(bytes: Buffer, start: number): number {
    if (this.#chunked !== undefined) return this.#chunked.consume(bytes, start)
    const take = Math.min(this.#left, bytes.length - start)
    this.#left -= take
    return start + take
  }
}
