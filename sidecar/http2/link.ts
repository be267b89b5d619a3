// One socket that speaks HTTP/2: what frames write is gathered and leaves in one write for each chunk that was read,
// since the write, not the copy, is what costs (17 µs a stream instead of 21).

import type { Socket } from 'node:net'
import { withSizeUpdate } from './header-block.ts'
import type { Pieces, SparePieces } from './pieces.ts'

/** How long a closed connection is read and ignored. */
const LINGER_MS = 1_000

export interface LinkOwner {
  chunk(bytes: Buffer): void
  /** The peer will send nothing more. */
  ended(): void
  /** The kernel has taken everything, after the link was clogged. */
  drained(): void
  /** The socket is gone; `error` if not in good order. Called once. */
  closedWith(error: Error | undefined): void
}

/** How long a frame that nobody waits for may wait for company, in milliseconds. */
const SOON_MS = 5

/** The links of one client connection that hold frames; flushed at the end of everything that can write some. */
export class FlushList {
  readonly spare: SparePieces
  #waiting: Link[] = []
  #soon: Link[] = []

  constructor(spare: SparePieces) {
    this.spare = spare
  }

  add(link: Link): void {
    this.#waiting.push(link)
  }

  /** `link` holds a frame that the timer sends if nothing else does. */
  addSoon(link: Link): void {
    this.#soon.push(link)
    if (this.#soon.length === 1) setTimeout(() => this.#flushSoon(), SOON_MS)
  }

  #flushSoon(): void {
    const links = this.#soon
    this.#soon = []
    for (const link of links) link.flush()
  }

  flush(): void {
    while (this.#waiting.length > 0) {
      const links = this.#waiting
      this.#waiting = []
      for (const link of links) link.flush()
    }
  }
}

export class Link {
  readonly socket: Socket
  readonly #list: FlushList
  /** What is to be written; undefined if nothing is. */
  #pieces: Pieces | undefined
  #toldTableSize = false
  #soon: Buffer[] = []

  constructor(socket: Socket, list: FlushList, owner: LinkOwner) {
    this.socket = socket
    this.#list = list
    let failure: Error | undefined
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => owner.chunk(bytes))
    socket.on('end', () => owner.ended())
    socket.on('drain', () => owner.drained())
    socket.on('error', (error) => (failure = error))
    socket.on('close', () => owner.closedWith(failure))
  }

  /** Bytes that the kernel has not taken yet. */
  get backlog(): number {
    return this.socket.writableLength
  }

  /**
   * The owner's `drained` is on its way: what is put off until then does happen. A backlog alone promises nothing, since one below
   * the socket's high-water mark goes without an event.
   */
  get isClogged(): boolean {
    return this.socket.writableNeedDrain && this.socket.writableLength > 0
  }

  send(bytes: Buffer): void {
    this.put(bytes, 0, bytes.length)
  }

  /** Writes `bytes[start, end)`, which nobody may change any more. */
  put(bytes: Buffer, start: number, end: number): void {
    if (this.#pieces === undefined) {
      this.#pieces = this.#list.spare.take()
      this.#list.add(this)
    }
    this.#pieces.put(bytes, start, end)
  }

  /** Sends with whatever comes next: a gRPC peer measures its bandwidth with a PING for nearly every DATA, and a write for each answer alone was 44 % of all. */
  sendSoon(bytes: Buffer): void {
    if (this.#soon.length === 0) this.#list.addSoon(this)
    this.#soon.push(bytes)
  }

  /** Like `put`, for HEADERS with their CONTINUATION: the first ones say that this side keeps no dynamic table (RFC 7541 §4.2). */
  putHead(bytes: Buffer, start: number, end: number): void {
    if (this.#toldTableSize) {
      this.put(bytes, start, end)
      return
    }
    this.#toldTableSize = true
    this.send(withSizeUpdate(bytes.subarray(start, end)))
  }

  /** Closes after what was written last, and reads on for a while: bytes that nobody reads would turn the end into a reset. */
  close(): void {
    this.flush()
    const { socket } = this
    if (socket.writableEnded || socket.destroyed) return
    socket.end()
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(timer))
  }

  flush(): void {
    if (this.#soon.length > 0) {
      const soon = this.#soon
      this.#soon = []
      for (const bytes of soon) this.send(bytes)
    }
    const pieces = this.#pieces
    if (pieces === undefined) return
    this.#pieces = undefined
    const { socket } = this
    if (socket.destroyed || socket.writableEnded) pieces.clear()
    else pieces.write(socket)
    this.#list.spare.giveBack(pieces)
  }
}
