// The bytes of an answer that the sidecar makes itself.

import { STATUS_TEXT } from './status-text.ts'
import { REFUSAL_HEADER, type Refusal, refusalBody, refusalStatus } from '../refusal.ts'

export interface AnswerOptions {
  /** The request's Accept header, empty if it has none or was not understood. */
  readonly accept: string
  /** The request was HEAD: the head of the answer only. */
  readonly headOnly: boolean
  /** The connection is closed after it. */
  readonly close: boolean
}

export function answerBytes(refusal: Refusal, options: AnswerOptions): Buffer {
  const status = refusalStatus(refusal)
  const { type, text } = refusalBody(refusal, options.accept)
  const body = Buffer.from(text)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? 'Error'}`,
    `date: ${new Date().toUTCString()}`,
    `content-type: ${type}`,
    `content-length: ${body.length}`,
    'cache-control: no-store',
    `${REFUSAL_HEADER}: ${refusal.code}`,
    ...(options.close ? ['connection: close'] : []),
  ]
  return Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'),
    options.headOnly ? Buffer.alloc(0) : body,
  ])
}
