// A connection past the limit: told so in the client's own protocol if that is HTTP, then closed. Nothing is forwarded.

import type net from 'node:net'
import type { Connection } from '../connection.ts'
import type { DataPlane } from '../data-plane.ts'
import type { Destination } from '../destination.ts'
import { waiting } from '../flow.ts'
import { answerBytes } from '../http1/answer.ts'
import { HeldBytes } from '../http1/held-bytes.ts'
import { countRefusal } from '../http1/refusals.ts'
import { ErrorCode } from '../http2/error-code.ts'
import { goawayFrame } from '../http2/frame.ts'
import { settingsFrame } from '../http2/settings.ts'
import type { Refusal } from '../refusal.ts'
import { classify } from './first-bytes.ts'

/** How long it may take to say what it wants, and to take its answer. */
const LIFE_MS = 2000

/** A head that is longer is not waited for. */
const MAX_HEAD_BYTES = 16 * 1024

export class RefusedConnection implements Connection {
  readonly #socket: net.Socket
  readonly #destination: Destination
  readonly #plane: DataPlane
  readonly #held = new HeldBytes()
  readonly #timer: NodeJS.Timeout
  #answered = false

  constructor(socket: net.Socket, destination: Destination, plane: DataPlane) {
    this.#socket = socket
    this.#destination = destination
    this.#plane = plane
    this.#timer = setTimeout(() => socket.resetAndDestroy(), LIFE_MS)
    socket
      .on('data', (chunk: Buffer) => this.#data(chunk))
      .on('end', () => socket.end())
      .on('error', () => {})
      .on('close', () => clearTimeout(this.#timer))
  }

  drain(): void {
    this.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  tick(): void {}

  get buffered(): number {
    return this.#held.size + waiting(this.#socket)
  }

  shed(): void {
    this.#socket.resetAndDestroy()
  }

  #data(chunk: Buffer): void {
    this.#plane.read(chunk.length)
    if (this.#answered) return
    this.#held.append(chunk)
    const bytes = this.#held.take()
    switch (classify(bytes, this.#destination.protocol)) {
      case 'http1':
        this.#refuseHttp1(bytes)
        return
      case 'http2': {
        // RFC 9113 §6.8: no stream was looked at, so all of them may be sent again elsewhere.
        this.#answer(Buffer.concat([settingsFrame([]), goawayFrame(0, ErrorCode.enhanceYourCalm)]))
        return
      }
      case 'undecided':
        this.#held.append(bytes)
        return
      case 'other':
        this.#socket.resetAndDestroy()
    }
  }

  #refuseHttp1(bytes: Buffer): void {
    const { requestHead, capacity } = this.#plane
    let start = 0
    while (bytes[start] === 0x0d && bytes[start + 1] === 0x0a) start += 2
    const outcome = requestHead.scan(bytes, start)
    if (outcome === 'incomplete' && bytes.length <= MAX_HEAD_BYTES) {
      this.#held.append(bytes.subarray(start))
      return
    }
    const detail = `The sidecar has its ${capacity.limits.connections} connections.`
    const refusal: Refusal = outcome === 'refused' ? requestHead.refusal : { code: 'ST1105', detail }
    const accept = outcome === 'complete' ? (requestHead.fields.value(bytes, 'accept') ?? '') : ''
    countRefusal(refusal, this.#destination)
    this.#answer(answerBytes(refusal, { accept, headOnly: requestHead.method === 'HEAD', close: true }))
  }

  /** What the client still sends is thrown away, so that a reset does not overtake the answer. */
  #answer(bytes: Buffer): void {
    this.#answered = true
    this.#timer.refresh()
    this.#socket.end(bytes)
  }
}
