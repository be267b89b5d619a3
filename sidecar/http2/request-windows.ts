// What the streams of one upstream session may send to it, and what of that the client is told: more than the default ahead, or on top of it.

import type { Downstream } from './downstream.ts'
import { ErrorCode } from './error-code.ts'
import { DEFAULT_WINDOW, MAX_WINDOW } from './frame.ts'
import type { SendPath } from './send-path.ts'
import type { Stream } from './stream.ts'
import type { Upstream } from './upstream.ts'

export class RequestWindows {
  readonly #client: Downstream
  readonly #upstream: Upstream
  readonly #requests: SendPath
  #initial = DEFAULT_WINDOW

  constructor(client: Downstream, upstream: Upstream, requests: SendPath) {
    this.#client = client
    this.#upstream = upstream
    this.#requests = requests
  }

  /** What a stream may send when it is opened. */
  get initial(): number {
    return this.#initial
  }

  /** The stream may send more; what was promised to the client ahead is made good first. */
  grow(stream: Stream, increment: number): void {
    const { request } = stream
    const ahead = Math.min(Math.max(stream.lead, 0), increment)
    request.window += increment
    if (request.window > MAX_WINDOW) {
      this.#client.answers.badResponse(stream, 'it raised a window above 2^31 - 1', ErrorCode.flowControl)
      return
    }
    if (increment > ahead && !request.ended) this.#client.creditStream(stream, increment - ahead)
    this.#requests.drain(request)
  }

  /** The upstream takes more than the default that the client knows of. */
  grantLead(stream: Stream): void {
    const { lead } = stream
    if (lead < 0) this.#client.creditStream(stream, -lead)
  }

  /** The upstream's SETTINGS_INITIAL_WINDOW_SIZE: holds for open streams too (RFC 9113 §6.9.2). */
  change(size: number): void {
    const change = size - this.#initial
    this.#initial = size
    if (change === 0) return
    for (const stream of this.#client.streams.values()) {
      if (stream.upstream !== this.#upstream || !stream.sent || stream.request.passed) continue
      stream.request.window += change
      if (change > 0) this.#requests.drain(stream.request)
      if (stream.uploads && !stream.request.ended) this.grantLead(stream)
    }
  }
}
