// Which keys are due, and in which order: each key once however often it is added, and never while it is being worked on.

export interface Wish {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number
  /** It can wait for whatever is not in the background. */
  readonly background: boolean
}

/** Of so many keys one is from the background while there are others, so that it is not forgotten. */
const TURNS = 8

export class Schedule {
  /** Keys that are due, in the order in which they became so. */
  readonly #due = new Set<string>()
  readonly #background = new Set<string>()
  readonly #later = new Map<string, Wish>()
  /** A heap by time; what is not in `#later` at that time any more is skipped. */
  readonly #heap: { readonly at: number; readonly key: string }[] = []
  readonly #taken = new Set<string>()
  /** What was wished for keys that are being worked on. */
  readonly #again = new Map<string, Wish>()
  #turn = 0

  /** Keys that are due and nobody works on. */
  get depth(): number {
    return this.#due.size + this.#background.size
  }

  /** Keys that are being worked on. */
  get taken(): number {
    return this.#taken.size
  }

  /** Of two wishes for a key the earlier counts. */
  add(key: string, wish: Wish, now: number): void {
    if (this.#taken.has(key)) {
      this.#again.set(key, earlier(this.#again.get(key), wish))
      return
    }
    if (this.#due.has(key)) return
    if (wish.at <= now) {
      if (wish.background && this.#background.has(key)) return
      this.#later.delete(key)
      this.#background.delete(key)
      ;(wish.background ? this.#background : this.#due).add(key)
      return
    }
    if (this.#background.has(key)) return
    const before = this.#later.get(key)
    const next = earlier(before, wish)
    if (next === before) return
    this.#later.set(key, next)
    push(this.#heap, { at: next.at, key })
  }

  /** The next key, which is not given out again before it is finished. */
  take(now: number): string | undefined {
    this.#ripen(now)
    const fair = this.#background.size > 0 && ++this.#turn % TURNS === 0
    const from = this.#due.size === 0 || fair ? this.#background : this.#due
    const [key] = from
    if (key === undefined) return undefined
    from.delete(key)
    this.#taken.add(key)
    return key
  }

  finish(key: string, now: number): void {
    this.#taken.delete(key)
    const again = this.#again.get(key)
    this.#again.delete(key)
    if (again !== undefined) this.add(key, again, now)
  }

  /** When the next key that is not due yet will be. */
  next(): number | undefined {
    this.#skip()
    return this.#heap[0]?.at
  }

  #ripen(now: number): void {
    for (;;) {
      this.#skip()
      const first = this.#heap[0]
      if (first === undefined || first.at > now) return
      const wish = this.#later.get(first.key)
      if (wish !== undefined) this.add(first.key, wish, now)
    }
  }

  #skip(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#later.get(first.key)?.at === first.at) return
      pop(this.#heap)
    }
  }
}

function earlier(one: Wish | undefined, other: Wish): Wish {
  if (one === undefined) return other
  return one.at < other.at || (one.at === other.at && !one.background) ? one : other
}

type Heap = { readonly at: number; readonly key: string }[]

function push(heap: Heap, entry: Heap[number]): void {
  let index = heap.push(entry) - 1
  for (let parent = (index - 1) >> 1; index > 0; parent = (index - 1) >> 1) {
    const above = heap[parent]
    if (above === undefined || above.at <= entry.at) return
    heap[index] = above
    heap[parent] = entry
    index = parent
  }
}

function pop(heap: Heap): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  heap[0] = last
  for (;;) {
    const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]]
    const down = right !== undefined && left !== undefined && right.at < left.at ? 2 * index + 2 : 2 * index + 1
    const below = heap[down]
    if (below === undefined || below.at >= last.at) return
    heap[index] = below
    heap[down] = last
    index = down
  }
}
