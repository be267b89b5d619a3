// Changes to a head on its way: byte ranges taken out or replaced; every other byte stays as it came, in its place.

export class Edits {
  readonly #edits: { readonly start: number; readonly end: number; readonly text: string }[] = []

  get none(): boolean {
    return this.#edits.length === 0
  }

  /** Puts `text` (one byte a character) where the bytes from `start` to `end` are. A range inside an earlier one has no effect. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text })
  }

  /** The bytes from `start` to `end` with the edits made. */
  apply(bytes: Buffer, start: number, end: number): Buffer {
    const parts: Buffer[] = []
    let at = start
    for (const edit of this.#edits.toSorted((a, b) => a.start - b.start)) {
      if (edit.start < at) continue
      parts.push(bytes.subarray(at, edit.start), Buffer.from(edit.text, 'latin1'))
      at = edit.end
    }
    parts.push(bytes.subarray(at, end))
    return Buffer.concat(parts)
  }
}
