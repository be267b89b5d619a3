// The error codes of RFC 9113 §7, and the error that ends a connection with one of them.

export const ErrorCode = {
  noError: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const

/** Thrown while a frame is read; whoever feeds the connection answers with GOAWAY and closes it (§5.4.1). */
export class ConnectionError extends Error {
  readonly code: number

  constructor(code: number, reason: string) {
    super(reason)
    this.name = 'ConnectionError'
    this.code = code
  }
}

export function protocolError(reason: string): ConnectionError {
  return new ConnectionError(ErrorCode.protocol, reason)
}
