// Changes to a head on its way: byte ranges taken out or replaced; every other byte stays as it came, in its place.

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export class Edits {
  /** Undefined while there are none: most heads pass as they are. */
  #edits: Edit[] | undefined

  /** Puts `text` (one byte a character) where the bytes from `start` to `end` are. A range inside an earlier one has no effect. */
  replace(start: number, end: number, text: string): void {
    this.#edits ??= []
    this.#edits.push({ start, end, text })
  }

  /** The bytes from `start` to `end` with the edits made; without edits they are not copied. */
  apply(bytes: Buffer, start: number, end: number): Buffer {
    if (this.#edits === undefined) return slice(bytes, start, end)
    const edits = this.#edits.length === 1 ? this.#edits : this.#edits.toSorted((a, b) => a.start - b.start)
    let length = end - start
    for (const { text } of edits) length += text.length
    const edited = Buffer.allocUnsafe(length)
    let from = start
    let to = 0
    for (const edit of edits) {
      if (edit.start < from) continue
      to += bytes.copy(edited, to, from, edit.start)
      to += edited.write(edit.text, to, 'latin1')
      from = edit.end
    }
    to += bytes.copy(edited, to, from, end)
    return to === length ? edited : edited.subarray(0, to)
  }
}

/** A view of the bytes; of all of them, the buffer itself: a view costs the garbage collector more than the bytes of a usual head. */
export function slice(bytes: Buffer, start: number, end: number): Buffer {
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
}
