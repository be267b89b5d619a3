// A client's connection until it is known what is spoken on it; then the connection that speaks it.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { CopyReason } from '../counters.ts'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { HIGH_WATER_MARK, waiting } from '../flow.ts'
import { Http1Connection } from '../http1/connection.ts'
import { HeldBytes } from '../http1/held-bytes.ts'
import { CopiedConnection } from './copied-connection.ts'
import { classify, isTls } from './first-bytes.ts'

/** A client that is silent this long on a port of unknown protocol may be waiting for the server to speak first. */
const SILENCE_MS = 50

const NOTHING: Buffer = Buffer.alloc(0)

export class DetectingConnection implements Connection {
  readonly #client: net.Socket
  readonly #destination: Destination
  readonly #plane: DataPlane
  readonly #held = new HeldBytes()
  #timer: NodeJS.Timeout | undefined
  /** Dialled because the client was silent; the baseline's connection of whatever comes. */
  #baseline: net.Socket | undefined
  #decided: (Omit<Connection, 'tick'> & Partial<Connection>) | undefined

  constructor(client: net.Socket, destination: Destination, plane: DataPlane) {
    this.#client = client
    this.#destination = destination
    this.#plane = plane
    if (destination.serverSpeaksFirst) {
      this.#copy('server-first', NOTHING)
      return
    }
    client.on('data', this.#data).on('end', this.#end).on('error', ignore).on('close', this.#closed)
    if (destination.protocol === 'unknown') this.#timer = setTimeout(() => this.#dialSilent(), SILENCE_MS)
  }

  drain(): void {
    if (this.#decided === undefined) this.#client.destroy()
    else this.#decided.drain()
  }

  destroy(): void {
    this.#client.destroy()
  }

  tick(now: number): void {
    this.#decided?.tick?.(now)
  }

  get buffered(): number {
    if (this.#decided !== undefined) return this.#decided.buffered
    return this.#held.length + waiting(this.#client) + (this.#baseline === undefined ? 0 : waiting(this.#baseline))
  }

  shed(): void {
    if (this.#decided === undefined) this.#client.resetAndDestroy()
    else this.#decided.shed()
  }

  readonly #data = (chunk: Buffer): void => {
    this.#held.append(chunk)
    const bytes = this.#held.take()
    switch (classify(bytes, this.#destination.protocol)) {
      case 'undecided':
        this.#held.append(bytes)
        return
      case 'http1':
        this.#handOver()
        this.#decided = new Http1Connection(this.#client, this.#destination, this.#plane, bytes, this.#baseline)
        return
      case 'http2':
        this.#client.pause()
        void this.#serveHttp2(bytes)
        return
      case 'other':
        this.#copy(isTls(bytes) ? 'tls' : 'other', bytes)
    }
  }

  async #serveHttp2(first: Buffer): Promise<void> {
    clearTimeout(this.#timer)
    // It dials for itself, after the first request; what silence has opened is of no use to it, and what it says meanwhile is not heard.
    this.#letGoOfBaseline()
    this.#baseline?.destroy()
    const serve = await this.#plane.http2()
    if (this.#client.destroyed) return
    this.#handOver()
    this.#decided = serve(this.#client, first, this.#destination)
    this.#client.resume()
  }

  /** Fewer bytes than any protocol needs, and no more to come: no request, and for the baseline to judge if it may be something else. */
  readonly #end = (): void => {
    if (this.#destination.protocol === 'http') this.#client.end()
    else this.#copy('other', this.#held.take())
  }

  readonly #closed = (): void => {
    clearTimeout(this.#timer)
    this.#baseline?.destroy()
  }

  #copy(reason: CopyReason, asked: Buffer, said = NOTHING): void {
    const { copied } = this.#destination.counts
    copied[reason] = (copied[reason] ?? 0) + 1
    const baseline = this.#baseline ?? this.#dial()
    this.#handOver()
    this.#decided = new CopiedConnection(this.#client, baseline, asked, said, this.#plane)
  }

  #dialSilent(): void {
    const baseline = this.#dial()
    this.#baseline = baseline
    baseline.on('data', this.#serverSpoke).on('end', this.#serverEnded)
    baseline.on('error', ignore).on('close', this.#serverClosed)
  }

  readonly #serverSpoke = (chunk: Buffer): void => {
    this.#destination.rememberServerSpeaksFirst()
    this.#copy('server-first', this.#held.take(), chunk)
  }

  readonly #serverEnded = (): void => this.#copy('other', this.#held.take())

  /** What one side ends, the other may still answer. */
  #dial(): net.Socket {
    const { dialer, readBuffer } = this.#plane
    const options = { allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK }
    return readBuffer.socket((onread) => dialer.dial(this.#destination.baseline, { ...options, onread }))
  }

  /** A baseline that cannot be reached looks as it would without the sidecar. */
  readonly #serverClosed = (hadError: boolean): void => {
    if (hadError) this.#client.resetAndDestroy()
    else this.#client.end()
  }

  /** From here on both sockets are another connection's. */
  #handOver(): void {
    clearTimeout(this.#timer)
    this.#client.off('data', this.#data).off('end', this.#end).off('error', ignore).off('close', this.#closed)
    this.#letGoOfBaseline()
  }

  #letGoOfBaseline(): void {
    this.#baseline?.off('data', this.#serverSpoke).off('end', this.#serverEnded)
    this.#baseline?.off('error', ignore).off('close', this.#serverClosed)
  }
}

function ignore(): void {}
