// One request and its response: where each half stands, what of it waits, and how many bytes it may still send.

import type { OpenHop } from '../tracer.ts'
import { DEFAULT_WINDOW } from './frame.ts'
import type { Upstream } from './upstream.ts'

/** The request, from the client to the upstream, or the response, the other way. */
export class Half {
  readonly stream: Stream
  /** Flow-controlled bytes that the receiver lets this half send. */
  window: number
  /** Whole frames that wait for a window or for what waits before them: DATA, trailers, RST_STREAM. */
  queue: Buffer[] | undefined
  /** Flow-controlled bytes in `queue`. */
  queued = 0
  /** Bytes of payload that content-length still promises; infinite if it says nothing. */
  left = Number.POSITIVE_INFINITY
  /** The sender has ended it; the end has been passed on. */
  ended = false
  passed = false

  constructor(stream: Stream, window: number) {
    this.stream = stream
    this.window = window
  }
}

/** What the answer to a request depends on, and who hears of it. */
export interface RequestTraits {
  readonly isHead: boolean
  readonly isGrpc: boolean
  readonly isConnect: boolean
  /** It has a :protocol, which its upstream must have offered to take. */
  readonly isExtended: boolean
  /** The Accept header; empty if there is none. */
  readonly accept: string
  /** Of a traced request. */
  readonly hop: OpenHop | undefined
}

export class Stream {
  /** The client's id serves upstream too: an upstream session belongs to one client connection, and ids only have to grow. */
  readonly id: number
  readonly traits: RequestTraits
  /** The field that names the fork, for the response head; undefined for the baseline. */
  readonly mark: Buffer | undefined
  readonly request: Half
  readonly response: Half
  /** Changes only while HEADERS have not been sent, at most a few times. */
  upstream: Upstream
  moves = 0
  /** HEADERS for the upstream as long as they wait. */
  head: Buffer | undefined
  /** HEADERS have gone upstream. */
  sent = false
  /** A final response head has been passed on. */
  answered = false
  /** CONNECT has succeeded: there is nothing but DATA from here on (RFC 9113 §8.5). */
  isTunnel = false
  /**
   * Bytes of DATA that the client believes it may send. Differs from `request.window` by what is queued and by what
   * was promised ahead, see `lead`.
   */
  allowance = DEFAULT_WINDOW
  /** The client has sent DATA and more is to come: it may want all the window that the upstream gives. */
  uploads = false
  /** WINDOW_UPDATE of the client for an upstream stream that does not exist yet. */
  earlyCredit = 0

  constructor(id: number, upstream: Upstream, clientWindow: number, traits: RequestTraits, mark: Buffer | undefined) {
    this.id = id
    this.upstream = upstream
    this.traits = traits
    this.mark = mark
    this.request = new Half(this, 0)
    this.response = new Half(this, clientWindow)
  }

  /**
   * How far the client's credit is ahead of the upstream's. Positive where the upstream's window is smaller than the
   * default that the client starts with: that much may have to wait here. Negative where it is larger.
   */
  get lead(): number {
    return this.allowance + this.request.queued - this.request.window
  }
}
