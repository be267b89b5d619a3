// Reason phrases of the statuses that the sidecar answers with itself (RFC 9110 §15); node:http has them all, at 16 MB.

export const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
}
