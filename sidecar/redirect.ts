// The kernel's redirect of this pod's calls, as the sidecar sees it: kept alive by a beat, announced to the app's start, let go at the end.

import { type Socket, createSocket } from 'node:dgram'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEAT_ADDRESS, BEAT_PORT, BEAT_TIMEOUT_MS, REDIRECTED_FILE } from '../core/interception.ts'
import type { Counters } from './counters.ts'

/** The kernel's clock and this one agree to much less than this. */
const MARGIN_MS = 100

export class Redirect {
  readonly #counters: Counters
  /** Undefined: nobody wants to know. */
  readonly #marker: string | undefined
  #socket: Socket | undefined
  /** In seconds since the process started. */
  #lastBeat: number | undefined
  /** What the agent said last. */
  #told: boolean | undefined
  #released = (): void => {}

  /** `folder` is the sidecar's own, empty if it has none. */
  constructor(folder: string, counters: Counters) {
    this.#counters = counters
    this.#marker = folder === '' ? undefined : join(folder, REDIRECTED_FILE)
    this.#mark(false)
  }

  /** Whether the agent says that it is in force. */
  get inForce(): boolean {
    return this.#told === true
  }

  /**
   * Calls are taken: lets the kernel redirect them, as soon as the agent has told it which. To be repeated every second, from the event loop,
   * so that a sidecar that hangs loses its redirect. `sent` is called when the kernel has seen the beat.
   */
  beat(sent = (): void => {}): void {
    const now = process.uptime()
    if ((now - (this.#lastBeat ?? now)) * 1000 > BEAT_TIMEOUT_MS) this.#counters.event('beat-late')
    this.#lastBeat = now
    // Nobody receives a beat, and the rule that sees it drops it: that is no error.
    this.#socket ??= createSocket({ type: 'udp4', lookup: asItIs }).on('error', () => {})
    this.#socket.send('', BEAT_PORT, BEAT_ADDRESS, sent)
  }

  /** What the agent says. The kernel knows the last beat only if its rules were there by then. */
  tell(inForce: boolean): void {
    this.#told = inForce
    if (inForce && this.#socket !== undefined) this.beat(() => this.#mark(this.inForce))
    else this.#mark(false)
    if (!inForce) this.#released()
  }

  /** Resolves when no more calls are redirected: the agent says so, or the kernel has waited in vain for the next beat. */
  async stop(): Promise<void> {
    this.#mark(false)
    this.#socket?.close()
    this.#socket = undefined
    if (this.#lastBeat === undefined || this.#told === false) return
    const left = BEAT_TIMEOUT_MS + MARGIN_MS - (process.uptime() - this.#lastBeat) * 1000
    if (left <= 0) return
    await new Promise<void>((resolve) => {
      this.#released = resolve
      setTimeout(resolve, left)
    })
  }

  /** For `WAIT_COMMAND`. Without it the app starts three seconds later: that is no reason to fail. */
  #mark(redirected: boolean): void {
    if (this.#marker === undefined) return
    try {
      if (redirected) writeFileSync(this.#marker, '')
      else rmSync(this.#marker, { force: true })
    } catch {
      this.#counters.event('marker-failed')
    }
  }
}

/** An address needs no look-up; the default one would load node:dns. */
function asItIs(host: string, _: unknown, found: (error: null, address: string, family: number) => void): void {
  found(null, host, 4)
}
