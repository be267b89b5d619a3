// Cuts a byte stream into lines of UTF-8 text, however it was split on the way.

/** No message between Sidetrack's programs is longer: a peer that sends more without a line end is broken. */
export const MAX_LINE_BYTES = 1 << 20

const LF = 0x0a

export class LineSplitter {
  readonly #maxBytes: number
  #rest: Buffer[] = []
  #restBytes = 0

  constructor(maxBytes = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** The lines that `chunk` completes, without their ends. Throws RangeError past the most bytes of a line without one. */
  push(chunk: Buffer): readonly string[] {
    // Whole lines are decoded, not chunks: TextDecoder would do those, but costs an idle sidecar 1 MB.
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      lines.push(this.#complete(chunk.subarray(start, end)))
      start = end + 1
    }
    if (start < chunk.length) {
      this.#rest.push(chunk.subarray(start))
      this.#restBytes += chunk.length - start
      if (this.#restBytes > this.#maxBytes) throw new RangeError(`a line of more than ${this.#maxBytes} bytes`)
    }
    return lines
  }

  #complete(end: Buffer): string {
    if (this.#rest.length === 0) return end.toString('utf8')
    const line = Buffer.concat([...this.#rest, end]).toString('utf8')
    this.#rest = []
    this.#restBytes = 0
    return line
  }
}
