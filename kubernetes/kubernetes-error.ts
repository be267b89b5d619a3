// What went wrong between a client and the API server, in plain words: which call, on which object, why, and what to do.

import { SidetrackError, type ErrorCode } from '../runtime/errors.ts'
import { type ObjectName, type Resource, resourceName } from './resource.ts'
import type { KubernetesObject } from './resources/meta.ts'

/** A request as a person would name it. */
export interface Call {
  /** As in RBAC, `apply` for a server-side apply. */
  readonly verb: string
  readonly resource?: Omit<Resource<KubernetesObject>, 'objects'>
  readonly subresource?: string | undefined
  readonly at?: Partial<ObjectName>
}

/** https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#response-status-kind */
export interface Status {
  readonly kind: 'Status'
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly name?: string
    readonly kind?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly StatusCause[]
  }
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

interface Particulars {
  /** The HTTP status; none if there was no answer. */
  readonly status?: number | undefined
  readonly answer?: Status | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

export class KubernetesError extends SidetrackError {
  readonly call: Call
  /** The HTTP status; undefined if there was no answer. */
  readonly status: number | undefined
  /** CamelCase, as the API server gives it (`AlreadyExists`), or a word of `failure.ts` where it gave none. */
  readonly reason: string
  /** Fields at fault. */
  readonly causes: readonly StatusCause[]
  /** The server wants to be left alone for so long. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, reason: string, call: Call, detail: string, particulars: Particulars = {}) {
    super(code, `cannot ${callText(call)}: ${detail}`, { cause: particulars.cause })
    this.name = 'KubernetesError'
    this.call = call
    this.reason = reason
    this.status = particulars.status
    this.causes = particulars.answer?.details?.causes ?? []
    this.retryAfterSeconds = particulars.answer?.details?.retryAfterSeconds ?? particulars.retryAfterSeconds
  }
}

/** `list routes.sidetrack.dev in namespace shop`, `update status of sandboxes.sidetrack.dev shop/pr-42`. */
export function callText(call: Call): string {
  if (call.resource === undefined) return call.verb
  const what = resourceName(call.resource)
  const part = call.subresource === undefined ? '' : `${call.subresource} of `
  const { namespace, name } = call.at ?? {}
  if (name !== undefined)
    return `${call.verb} ${part}${what} ${namespace === undefined ? name : `${namespace}/${name}`}`
  return `${call.verb} ${part}${what}${namespace === undefined ? '' : ` in namespace ${namespace}`}`
}

/** The error for an answer that is not 2xx. `text` is its body. */
export function errorOfAnswer(call: Call, status: number, text: string, retryAfter?: string): KubernetesError {
  const answer = parseStatus(text)
  const retryAfterSeconds = retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined
  return errorOfStatus(call, answer ?? { kind: 'Status', code: status, message: text }, {
    status,
    retryAfterSeconds,
    foreign: answer === undefined,
  })
}

/** The error for a Status object, be it an answer's body or in the event stream of a watch. */
export function errorOfStatus(
  call: Call,
  answer: Status,
  { status = answer.code ?? 500, retryAfterSeconds, foreign = false }: ForeignStatus = {},
): KubernetesError {
  const particulars = { status, answer, retryAfterSeconds }
  const reason = answer.reason ?? ''
  const said = shorten(answer.message ?? `status ${status}`)
  const make = (code: ErrorCode, fallback: string, detail = said) =>
    new KubernetesError(code, reason === '' ? fallback : reason, call, detail, particulars)
  if (answer.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') === true)
    return new KubernetesError('ST3008', 'ResourceVersionTooLarge', call, said, particulars)
  // In plain text it says only that it has no such path, and that too much is asked of it.
  const isItsOwn = !foreign || status === 429 || (status === 404 && said === '404 page not found')
  if (!isItsOwn && status < 500)
    return make('ST3013', 'NotKubernetes', `the answer has status ${status} and is not from Kubernetes: ${said}`)
  switch (status) {
    case 401:
      return make('ST3003', 'Unauthorized', `the API server does not accept the credentials (${said})`)
    case 403:
      return missingRight(said) ? make('ST3004', 'Forbidden') : make('ST3007', 'Forbidden')
    case 404:
      return unknownKind(answer, foreign)
        ? make('ST3011', 'NotFound', 'the cluster has no such kind')
        : make('ST3005', 'NotFound')
    case 409:
      return make('ST3006', 'Conflict')
    case 410:
      return make('ST3008', 'Expired')
    case 408:
    case 504:
      return make('ST3009', 'Timeout')
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return make('ST3007', 'Invalid')
    case 429:
      return make('ST3010', 'TooManyRequests')
    default:
      return make('ST3010', 'InternalError')
  }
}

interface ForeignStatus {
  readonly status?: number
  readonly retryAfterSeconds?: number | undefined
  /** The answer was no Status object: it may come from a proxy. */
  readonly foreign?: boolean
}

/** The error for an answer with a good status whose body is not what the API server sends. */
export function errorOfBody(call: Call, status: number, text: string, cause: unknown): KubernetesError {
  return new KubernetesError('ST3013', 'NotKubernetes', call, `the answer is not JSON: ${shorten(text)}`, {
    status,
    cause,
  })
}

/** RBAC's own sentence: `User "u" cannot list resource "pods" in API group "" in the namespace "n"`; admission says others with 403, too. */
function missingRight(message: string): boolean {
  return /User "[^"]*" cannot \S+ (?:resource|path) "/.test(message)
}

/** A path that no API serves; an object that is missing is named in the details. */
function unknownKind(answer: Status, foreign: boolean): boolean {
  return foreign || (answer.details?.name ?? '') === ''
}

function parseStatus(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isStatus(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status'
}

function shorten(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > 1000 ? `${line.slice(0, 1000)}…` : line
}
