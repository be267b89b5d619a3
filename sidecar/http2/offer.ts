// What a client is told that its connection takes: the sidecar's own SETTINGS first, then what the baseline says.

import type { Destination } from '../destination.ts'
import { DEFAULT_WINDOW, windowUpdate } from './frame.ts'
import type { Http2Limits } from './limits.ts'
import type { Link } from './link.ts'
import { Setting, settingsFrame } from './settings.ts'
import type { Upstream } from './upstream.ts'

const CONNECT_PROTOCOL = [Setting.enableConnectProtocol, 1] as const

export class Offer {
  readonly #link: Link
  readonly #destination: Destination
  readonly #limits: Http2Limits
  #streams: number
  /** The client has been told that CONNECT with :protocol is taken (RFC 8441 §3), which cannot be taken back. */
  hasConnectProtocol: boolean

  constructor(link: Link, destination: Destination, limits: Http2Limits) {
    this.#link = link
    this.#destination = destination
    this.#limits = limits
    this.#streams = limits.streams
    this.hasConnectProtocol = destination.takesConnectProtocol
    link.send(
      settingsFrame([
        [Setting.headerTableSize, 0],
        [Setting.maxConcurrentStreams, limits.streams],
        [Setting.maxHeaderListSize, limits.listBytes],
        ...(this.hasConnectProtocol ? [CONNECT_PROTOCOL] : []),
      ]),
    )
    link.send(windowUpdate(0, limits.connectionWindow - DEFAULT_WINDOW))
  }

  /** The baseline's limit becomes the client's: a queue here would be one that a direct call does not have. */
  follow({ requests }: Upstream): void {
    if (requests.takesConnectProtocol && !this.hasConnectProtocol) {
      this.hasConnectProtocol = true
      this.#destination.rememberConnectProtocol()
      this.#link.send(settingsFrame([CONNECT_PROTOCOL]))
    }
    const most = Math.max(1, Math.min(requests.maxStreams, this.#limits.streams))
    if (most === this.#streams) return
    this.#streams = most
    this.#link.send(settingsFrame([[Setting.maxConcurrentStreams, most]]))
  }
}
