// A connection that is none of ours to read: bytes, half-closes and resets are copied between the client and the baseline.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { ReadGarbage } from '../read-garbage.ts'

export class CopiedConnection implements Connection {
  readonly #client: net.Socket

  /** Takes over both sockets; `first` are bytes that were read from the client already, `ended` that it has sent its last one. */
  constructor(client: net.Socket, baseline: net.Socket, first: Buffer, ended: boolean, garbage: ReadGarbage) {
    this.#client = client
    if (first.length > 0) baseline.write(first)
    copy(client, baseline, garbage)
    copy(baseline, client, garbage)
    if (ended) baseline.end()
  }

  /** It has no end that the sidecar knows of: it lasts until one side closes it, or the time to drain is over. */
  drain(): void {}

  destroy(): void {
    this.#client.destroy()
  }

  tick(): void {}
}

function copy(from: net.Socket, to: net.Socket, garbage: ReadGarbage): void {
  from
    .on('data', (chunk: Buffer) => {
      garbage.read(chunk.length)
      if (!to.write(chunk)) from.pause()
    })
    .on('end', () => to.end())
    .on('error', () => {})
    .on('close', (hadError) => {
      if (hadError) to.resetAndDestroy()
      else to.destroySoon()
    })
  to.on('drain', () => from.resume())
}
