// One HTTP/2 session to the baseline or a fork, for one client connection: the client's side of RFC 9113 on a socket.

import { type Address, formatAddress } from '../../core/address.ts'
import type { Downstream } from './downstream.ts'
import { ConnectionError, ErrorCode } from './error-code.ts'
import { goawayFrame, windowUpdate } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { DynamicTable } from './hpack/dynamic-table.ts'
import { Link, type LinkOwner } from './link.ts'
import { RequestPath } from './request-path.ts'
import { ResponseCredit } from './response-credit.ts'
import { Setting, settingsFrame } from './settings.ts'
import type { Stream } from './stream.ts'
import { UpstreamFrames } from './upstream-frames.ts'
import { moveToSuccessor } from './upstream-loss.ts'
import { dialUpstream, greetUpstream } from './upstream-opening.ts'

const DEFAULT_TABLE = 4096

export class Upstream implements LinkOwner {
  /** Where it leads, or tries to. */
  address: Address
  readonly isFork: boolean
  /** Its SETTINGS have come: windows and limits are known, streams may open. */
  ready = false
  /** It takes no more streams. */
  draining = false
  closed = false
  lastChunkAt = 0
  /** Why it was given up, if this side did so. */
  failure: Error | undefined
  /** Of its encoder; undefined once it has said that it keeps none. */
  table: DynamicTable | undefined = new DynamicTable(DEFAULT_TABLE)
  readonly link: Link
  readonly requests: RequestPath
  readonly #client: Downstream
  readonly #frames: UpstreamFrames
  readonly #reader: FrameReader
  readonly #credit: ResponseCredit

  /** Leads to the first address of `order` that accepts. */
  constructor(client: Downstream, order: readonly Address[], isFork: boolean) {
    this.#client = client
    this.address = order[0]!
    this.isFork = isFork
    const take = (bytes: Buffer): void => this.chunk(bytes)
    const attempt = (address: Address): void => void (this.address = address)
    this.link = new Link(dialUpstream(client, { order, isFork, take, attempt }), client.outlets, this)
    this.#frames = new UpstreamFrames(client, this)
    this.#reader = new FrameReader(this.#frames)
    this.requests = new RequestPath(client, this)
    this.#credit = new ResponseCredit(client.context.limits, client.link, (increment) => {
      if (!this.closed) this.link.send(windowUpdate(0, increment))
    })
    greetUpstream(this.link, client)
  }

  get name(): string {
    return formatAddress(this.address)
  }

  /** The client's credit for the response. */
  responseCredit(stream: Stream, increment: number): void {
    if (!stream.sent) stream.earlyCredit += increment
    else if (!stream.response.ended) this.link.send(windowUpdate(stream.id, increment))
  }

  /** The client's new initial window; the sidecar keeps to it by itself, so nothing waits for the acknowledgement. */
  announceWindow(size: number): void {
    this.link.send(settingsFrame([[Setting.initialWindowSize, size]]))
  }

  /** `answered` when the upstream has acknowledged, never if it does not. */
  ping(answered: () => void): void {
    this.#frames.ping(answered)
  }

  /** Response bytes have gone to the client, or nowhere: the upstream may send as many again. */
  credit(length: number): void {
    this.#credit.give(length)
  }

  creditOwed(): void {
    this.#credit.pay()
  }

  /** A DATA frame came. Throws FLOW_CONTROL_ERROR. */
  received(length: number): void {
    this.#credit.take(length)
  }

  /** Is draining: streams that were not sent yet go to a fresh session. */
  handOver(): void {
    moveToSuccessor(this.#client, this)
    this.leaveIfDone()
  }

  leaveIfDone(): void {
    if (this.draining && this.requests.active === 0 && !this.closed) this.link.close()
  }

  /** Closes an idle session in good order. */
  retire(): void {
    this.draining = true
    this.link.send(goawayFrame(0, ErrorCode.noError))
    this.leaveIfDone()
  }

  destroy(): void {
    this.closed = true
    this.#reader.stop()
    this.link.socket.destroy()
  }

  chunk(bytes: Buffer): void {
    this.lastChunkAt = Date.now()
    this.#client.context.read(bytes.length)
    try {
      this.#reader.push(bytes)
    } catch (error) {
      this.#fail(error)
    }
    this.#client.settle(this)
  }

  ended(): void {
    this.link.socket.destroy()
  }

  drained(): void {
    this.#client.credit.drained()
    this.#client.outlets.flush()
  }

  closedWith(error: Error | undefined): void {
    this.#gone(error)
  }

  #fail(error: unknown): void {
    const code = error instanceof ConnectionError ? error.code : ErrorCode.internal
    this.failure = error instanceof Error ? error : new Error(String(error))
    this.#reader.stop()
    this.link.send(goawayFrame(0, code))
    this.link.close()
    this.#gone(this.failure)
  }

  /** Once, whoever ends it. */
  #gone(error: Error | undefined): void {
    if (this.closed) return
    this.closed = true
    this.#reader.stop()
    this.#frames.end()
    this.#client.upstreamGone(this, error)
  }
}
