// Passes a client's keepalive on: a PING that only the sidecar answered would hide an upstream that hangs.

import { pingFrame } from './frame.ts'
import type { Link } from './link.ts'
import type { Upstream } from './upstream.ts'

/**
 * A PING that comes this long after anything from any upstream is a keepalive probe; one that comes earlier measures
 * bandwidth or round trips (gRPC sends it with nearly every DATA) and is answered here, as it says nothing about hangs.
 */
const QUIET_MS = 1_000

/** Probes under way at once; a client that sends more gets its answers from here. */
const MOST = 4

export class Keepalive {
  readonly #link: Link
  readonly #flush: () => void
  #underWay = 0

  constructor(link: Link, flush: () => void) {
    this.#link = link
    this.#flush = flush
  }

  /** Acknowledges a PING at once, or when every upstream has acknowledged one; never, if one of them hangs. */
  ping(payload: Buffer, upstreams: readonly Upstream[]): void {
    const ready = upstreams.filter((each) => each.ready && !each.closed && !each.draining)
    const quietSince = Date.now() - QUIET_MS
    const isProbe = ready.length > 0 && upstreams.every(({ lastChunkAt }) => lastChunkAt < quietSince)
    if (!isProbe || this.#underWay >= MOST) {
      this.#link.sendSoon(pingFrame(true, payload))
      return
    }
    this.#underWay++
    const kept = Buffer.from(payload)
    const waiting = new Set(ready)
    for (const upstream of ready) {
      upstream.ping(() => {
        waiting.delete(upstream)
        if (waiting.size > 0) return
        this.#underWay--
        this.#link.send(pingFrame(true, kept))
        this.#flush()
      })
    }
  }
}
