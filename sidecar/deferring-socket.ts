// A socket whose small messages may wait for the end of the event loop's turn; whatever else is done to it, they go first.

import { Socket, type SocketConstructorOpts, type TcpSocketConnectOpts } from 'node:net'
import type { Deferring, DeferredWrites } from './deferred-writes.ts'
import { writeAll } from './flow.ts'

/** Bytes. Larger ones are most of their cost themselves; and what the other side does not take is found out at once. */
const MOST_DEFERRED = 4096

type Written = (error?: Error | null) => void
type Ended = () => void

export class DeferringSocket extends Socket implements Deferring {
  readonly #writes: DeferredWrites
  #deferred: Buffer | undefined

  constructor(writes: DeferredWrites, options: SocketConstructorOpts) {
    super(options)
    this.#writes = writes
  }

  dial(options: TcpSocketConnectOpts): void {
    // oxlint-disable-next-line typescript/unbound-method -- goes back to where it was
    const { write } = this
    this.connect(options)
    this.write = write // Node has put Socket's own in its place, which would overtake; taking that out would make all properties slow
  }

  /** Writes at the end of this turn where that is cheaper, else now. False if some of it waits in this process: then `drain` will come. */
  writeSoon(bytes: Buffer): boolean {
    const now =
      bytes.length > MOST_DEFERRED || this.#deferred !== undefined || this.writableLength > 0 || !this.#writes.takes()
    if (now) return writeAll(this, bytes)
    this.#deferred = bytes
    this.#writes.add(this)
    return true
  }

  flush(): void {
    const bytes = this.#deferred
    if (bytes === undefined) return
    this.#deferred = undefined
    super.write(bytes)
  }

  override write(bytes: string | Uint8Array, encoding?: BufferEncoding | Written, written?: Written): boolean {
    this.flush()
    return typeof encoding === 'function' ? super.write(bytes, encoding) : super.write(bytes, encoding, written)
  }

  override end(bytes?: string | Uint8Array | Ended, encoding?: BufferEncoding | Ended, ended?: Ended): this {
    this.flush()
    if (bytes === undefined || typeof bytes === 'function') return super.end(bytes)
    return typeof encoding === 'function' ? super.end(bytes, encoding) : super.end(bytes, encoding, ended)
  }

  override destroy(error?: Error): this {
    this.flush()
    return super.destroy(error)
  }
}

/** The same for any socket: one that defers nothing is written to at once. */
export function writeSoon(socket: Socket, bytes: Buffer): boolean {
  return socket instanceof DeferringSocket ? socket.writeSoon(bytes) : writeAll(socket, bytes)
}
