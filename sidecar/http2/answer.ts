// Answers that the sidecar makes itself, as frames: plain HTTP, or what a gRPC library takes for a server that is unavailable.

import { ERRORS } from '../../runtime/errors.ts'
import { REFUSAL_HEADER, type Refusal, refusalBody, refusalStatus } from '../refusal.ts'
import { dataFrame } from './frame.ts'
import { headerFrames } from './header-block.ts'
import { literalBlock } from './hpack/literal-writer.ts'
import type { RequestTraits } from './stream.ts'

const GRPC_UNAVAILABLE = '14'

export interface Answer {
  /** HEADERS; they end the stream if there is no body. */
  readonly head: Buffer
  /** One DATA frame that ends the stream. */
  readonly body: Buffer | undefined
}

/** `room`: what the client's windows allow; a body that does not fit is left out, since the head says enough. */
export function answer(id: number, refusal: Refusal, request: RequestTraits, room: number): Answer {
  if (request.isGrpc) return { head: headerFrames(id, true, grpcHead(refusal)), body: undefined }
  const { type, text } = refusalBody(refusal, request.accept)
  const payload = Buffer.from(text)
  const fits = !request.isHead && payload.length <= room
  const fields: [string, string][] = [
    [':status', String(refusalStatus(refusal))],
    ['content-type', type],
    [REFUSAL_HEADER, refusal.code],
  ]
  if (fits) fields.push(['content-length', String(payload.length)])
  return {
    head: headerFrames(id, !fits, literalBlock(fields)),
    body: fits ? dataFrame(id, true, payload) : undefined,
  }
}

/** A trailers-only response (gRPC over HTTP/2, "Responses"). */
function grpcHead(refusal: Refusal): Buffer {
  const { title, next } = ERRORS[refusal.code]
  return literalBlock([
    [':status', '200'],
    ['content-type', 'application/grpc'],
    ['grpc-status', GRPC_UNAVAILABLE],
    ['grpc-message', percentEncode(`${title} (${refusal.code}). ${refusal.detail} ${next}`)],
    [REFUSAL_HEADER, refusal.code],
  ])
}

/** The same document: printable ASCII stays, `%` and all other bytes of the UTF-8 are escaped. */
function percentEncode(text: string): string {
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
