// Tells apart the ways in which a request gets no answer at all.

import type { ErrorCode } from '../runtime/errors.ts'
import { type Call, KubernetesError } from './kubernetes-error.ts'

interface Failure {
  readonly code: ErrorCode
  readonly reason: 'Unreachable' | 'Untrusted' | 'TimedOut' | 'Lost' | 'NotKubernetes'
  readonly text: string
}

/** The error for a request that failed with `cause`; `server` is the API server's address. */
export function errorOfFailure(call: Call, server: string, cause: unknown): KubernetesError {
  const { code, reason, text } = failure(server, cause)
  return new KubernetesError(code, reason, call, text, { cause })
}

/** The error for credentials that could not be had: a file that is gone, a plugin that failed. */
export function errorOfCredentials(call: Call, cause: unknown): KubernetesError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new KubernetesError('ST3012', 'NoCredentials', call, message, { cause })
}

function failure(server: string, cause: unknown): Failure {
  const code = codeOf(cause)
  const message = cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
  const known = FAILURES[code]
  if (known !== undefined) return { ...known, text: known.text.replace('SERVER', server) }
  if (code.startsWith('HPE_'))
    return {
      code: 'ST3013',
      reason: 'NotKubernetes',
      text: `what listens at ${server} does not speak HTTP: ${message}`,
    }
  if (/:wrong version number:|:packet length too long:|:http request:/.test(message))
    return { code: 'ST3013', reason: 'NotKubernetes', text: `what listens at ${server} does not speak TLS` }
  if (isTls(code, message))
    return { code: 'ST3002', reason: 'Untrusted', text: `no trusted connection to ${server}: ${message}` }
  return { code: 'ST3001', reason: 'Unreachable', text: `${server} cannot be reached: ${message}` }
}

const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: { code: 'ST3001', reason: 'Unreachable', text: 'nothing listens at SERVER' },
  ENOTFOUND: { code: 'ST3001', reason: 'Unreachable', text: 'the name in SERVER is not known' },
  EAI_AGAIN: { code: 'ST3001', reason: 'Unreachable', text: 'the name in SERVER cannot be looked up for now' },
  EHOSTUNREACH: { code: 'ST3001', reason: 'Unreachable', text: 'there is no way to SERVER' },
  ENETUNREACH: { code: 'ST3001', reason: 'Unreachable', text: 'there is no way to SERVER' },
  CONNECT_SILENCE: { code: 'ST3009', reason: 'TimedOut', text: 'SERVER does not take connections' },
  ETIMEDOUT: { code: 'ST3009', reason: 'TimedOut', text: 'SERVER does not answer any more' },
  HEAD_SILENCE: { code: 'ST3009', reason: 'TimedOut', text: 'SERVER took the request and does not answer' },
  BODY_SILENCE: { code: 'ST3009', reason: 'TimedOut', text: 'SERVER fell silent in the middle of its answer' },
  ECONNRESET: { code: 'ST3001', reason: 'Lost', text: 'SERVER ended the connection before it had answered' },
  EPIPE: { code: 'ST3001', reason: 'Lost', text: 'SERVER ended the connection before it had answered' },
}

/** The code of the error, or of the one that caused it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof AggregateError && code === undefined) return codeOf(error.errors[0])
  return code ?? (error.cause === undefined ? '' : codeOf(error.cause))
}

/** OpenSSL's alerts and Node's names for what is wrong with a certificate (nodejs.org/api/tls.html#x509-certificate-error-codes). */
function isTls(code: string, message: string): boolean {
  return (
    /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO|CRL_)/.test(
      code,
    ) || /\bSSL\b|certificate/i.test(message)
  )
}
