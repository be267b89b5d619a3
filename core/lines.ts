// Cuts a byte stream into lines, however it was split on the way.

/** No message is longer: a peer that sends more without a line end is broken. */
export const MAX_LINE_BYTES = 1 << 20

export class LineSplitter {
  #rest = ''
  readonly #decoder = new TextDecoder()

  /** The lines that `chunk` completes, without their ends. Throws RangeError past MAX_LINE_BYTES without one. */
  push(chunk: Uint8Array): readonly string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > MAX_LINE_BYTES) throw new RangeError(`a line of more than ${MAX_LINE_BYTES} bytes`)
    return lines
  }
}
