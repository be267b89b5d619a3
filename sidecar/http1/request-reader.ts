// Cuts a client's bytes into requests: holds half a head, and the requests behind the one in progress.

import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { CR, LF } from './octets.ts'
import { PartialHead } from './partial-head.ts'
import { type Plan, planRequest } from './request.ts'

/** Requests that come before the one in progress is answered wait here; past it the client should no longer be read. */
const MAX_HELD_BYTES = 64 * 1024

export class RequestReader {
  readonly #destination: Destination
  readonly #plane: DataPlane
  readonly #held = new PartialHead(false)

  constructor(destination: Destination, plane: DataPlane) {
    this.#destination = destination
    this.#plane = plane
  }

  get empty(): boolean {
    return this.#held.length === 0
  }

  /** Bytes of memory that it takes. */
  get size(): number {
    return this.#held.size
  }

  get full(): boolean {
    return this.#held.length > MAX_HELD_BYTES
  }

  /** Keeps bytes that belong to a later request. */
  hold(bytes: Buffer): void {
    if (bytes.length > 0) this.#held.append(bytes)
  }

  /** Everything held: the first bytes of a tunnel. */
  take(): Buffer {
    return this.#held.take()
  }

  /** The request at the front of what is held, or undefined if its head is not complete. */
  readHeld(): Plan | undefined {
    return this.empty ? undefined : this.#read(this.#held.take())
  }

  /** The same with `chunk` behind what is held. */
  read(chunk: Buffer): Plan | undefined {
    if (this.empty) return this.#read(chunk)
    return this.#held.due(chunk, this.#plane.requestHead.fields) ? this.readHeld() : undefined
  }

  #read(bytes: Buffer): Plan | undefined {
    const { requestHead } = this.#plane
    let start = 0
    while (bytes[start] === CR && bytes[start + 1] === LF) start += 2 // RFC 9112 §2.2: empty lines before a request are ignored
    if (start === bytes.length) return undefined
    if (bytes[start] === CR && start + 1 === bytes.length) {
      this.hold(bytes.subarray(start)) // the first half of another one, so far
      return undefined
    }
    switch (requestHead.scan(bytes, start)) {
      case 'incomplete':
        this.hold(bytes.subarray(start))
        this.#held.scanned(requestHead)
        return undefined
      case 'refused':
        return { kind: 'reject', method: requestHead.method, refusal: requestHead.refusal }
      case 'complete': {
        const plan = planRequest(bytes, this.#destination, this.#plane)
        if (plan.kind !== 'reject' && plan.end < bytes.length) this.hold(bytes.subarray(plan.end))
        return plan
      }
    }
  }
}
