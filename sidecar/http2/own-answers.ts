// What the sidecar itself says to a client in place of an upstream: refusals of streams, and answers that explain.

import type { Refusal } from '../refusal.ts'
import { answer } from './answer.ts'
import type { Downstream } from './downstream.ts'
import { ErrorCode } from './error-code.ts'
import { resetFrame } from './frame.ts'
import type { RequestTraits, Stream } from './stream.ts'

export class OwnAnswers {
  readonly #client: Downstream

  constructor(client: Downstream) {
    this.#client = client
  }

  /** RST_STREAM for a stream that never opened; `refused` names it in the counters. */
  reject(id: number, code: number, refused?: Refusal['code']): void {
    if (refused !== undefined) this.#count(refused)
    this.#client.link.send(resetFrame(id, code))
    this.#client.recent.add(id, 'reset')
  }

  /** Answers a stream that never opened. */
  refuse(id: number, requestEnded: boolean, refusal: Refusal, traits: RequestTraits): void {
    traits.hop?.refused(refusal)
    this.#answer(id, requestEnded, refusal, traits, this.#client.clientWindow)
    this.#client.recent.add(id, 'reset')
  }

  /** Answers in the upstream's place, which has not answered; with `upstreamCode` it is told. */
  answer(stream: Stream, refusal: Refusal, upstreamCode: number | undefined): void {
    stream.traits.hop?.refused(refusal, stream.upstream.address)
    this.#answer(stream.id, stream.request.ended, refusal, stream.traits, stream.response.window)
    this.#client.remove(stream, 'reset', upstreamCode)
  }

  /** The upstream broke a rule on this stream and is told `code`: a 502 if its answer has not begun, otherwise an error in the midst of it. */
  badResponse(stream: Stream, why: string, code: number = ErrorCode.protocol): void {
    const client = this.#client
    if (stream.answered) {
      client.resetStream(stream, ErrorCode.protocol, code)
      return
    }
    const detail = `Service ${client.destination.service}, upstream ${stream.upstream.name}: ${why}.`
    this.answer(stream, { code: 'ST1104', detail }, code)
  }

  #answer(id: number, requestEnded: boolean, refusal: Refusal, traits: RequestTraits, window: number): void {
    const { link, responses } = this.#client
    this.#count(refusal.code)
    const { head, body } = answer(id, refusal, traits, Math.min(window, responses.window))
    this.#client.context.grew(head.length + (body?.length ?? 0))
    link.putHead(head, 0, head.length)
    if (body !== undefined) responses.sendOwn(body)
    // RFC 9113 §8.1: the rest of the request is not wanted.
    if (!requestEnded) link.send(resetFrame(id, ErrorCode.noError))
  }

  #count(code: Refusal['code']): void {
    const { refused } = this.#client.destination.counts
    refused[code] = (refused[code] ?? 0) + 1
  }
}
