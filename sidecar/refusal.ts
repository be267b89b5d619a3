// The answers that the sidecar makes itself: what happened, why, and what to do, in text or JSON (RFC 9457).

import type { Decision } from '../core/decision.ts'
import { ERRORS, type ErrorCode } from '../runtime/errors.ts'
import type { Destination } from './destination.ts'

/** Present on every answer that no application made; holds the error code. */
export const REFUSAL_HEADER = 'sidetrack-error'

/** Present on every answer that came from a fork: `cart=pr-42`. */
export const ROUTE_HEADER = 'sidetrack-route'

export interface Refusal {
  readonly code: keyof { [C in ErrorCode as (typeof ERRORS)[C] extends { status: number } ? C : never]: true }
  /** What this one is about, for a person: the service and key, or the part of the request that is wrong. */
  readonly detail: string
}

export function refuseDecision(decision: Extract<Decision, { to: 'nowhere' }>, destination: Destination): Refusal {
  const about = `Service ${destination.service}, routing key ${decision.key}`
  return decision.why === 'unready'
    ? { code: 'ST1101', detail: `${about}: ${decision.reason === '' ? 'no reason given' : decision.reason}.` }
    : { code: 'ST1103', detail: `${about}.` }
}

export function refusalStatus(refusal: Refusal): number {
  return ERRORS[refusal.code].status
}

/** The body and its type. `accept` is the request's Accept header, empty if it has none. */
export function refusalBody(refusal: Refusal, accept: string): { readonly type: string; readonly text: string } {
  const { status, title, next } = ERRORS[refusal.code]
  if (/\bjson\b/i.test(accept)) {
    const problem = { type: 'about:blank', title, status, code: refusal.code, detail: refusal.detail, next }
    return { type: 'application/problem+json', text: `${JSON.stringify(problem)}\n` }
  }
  return { type: 'text/plain; charset=utf-8', text: `${title} (${refusal.code})\n${refusal.detail}\n${next}\n` }
}
