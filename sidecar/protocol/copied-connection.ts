// A connection that is none of ours to read: bytes, half-closes and resets are copied between the client and the baseline.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { DataPlane } from '../data-plane.ts'
import { waiting, writeAll } from '../flow.ts'

export class CopiedConnection implements Connection {
  readonly #client: net.Socket
  readonly #baseline: net.Socket

  /** Takes over both sockets; `asked` are bytes that were read from the client already, `said` from the baseline. */
  constructor(client: net.Socket, baseline: net.Socket, asked: Buffer, said: Buffer, plane: DataPlane) {
    this.#client = client
    this.#baseline = baseline
    copy(client, baseline, asked, plane)
    copy(baseline, client, said, plane)
  }

  /** It has no end that the sidecar knows of: it lasts until one side closes it, or the time to drain is over. */
  drain(): void {}

  destroy(): void {
    this.#client.destroy()
  }

  tick(): void {}

  get buffered(): number {
    return waiting(this.#client) + waiting(this.#baseline)
  }

  /** Nothing can be said in a protocol that is not known. */
  shed(): void {
    this.#client.resetAndDestroy()
    this.#baseline.resetAndDestroy()
  }
}

function copy(from: net.Socket, to: net.Socket, first: Buffer, plane: DataPlane): void {
  from
    .on('data', (chunk: Buffer) => {
      plane.read(chunk.length)
      if (!writeAll(to, chunk)) from.pause()
    })
    .on('end', () => to.end())
    .on('error', () => {})
    .on('close', (hadError) => {
      if (hadError) to.resetAndDestroy()
      else to.destroySoon()
    })
  to.on('drain', () => from.resume())
  if (first.length > 0) to.write(first)
  if (from.readableEnded) to.end() // before these listeners were there
}
