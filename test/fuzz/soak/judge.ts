// Decides whether what came back for a request is what must come back.

import { ANSWERS, type RequestPlan, bytesOf, digest } from './request-plan.ts'
import type { Outcome, Tally } from './tally.ts'

/** `service` is the name in `sidetrack-route`; `met`: a death that was ordered met this request, which may fail by it. */
export function judge(tally: Tally, service: string, plan: RequestPlan, outcome: Outcome, met: boolean): void {
  tally.requests++
  if (plan.abortAt !== undefined) {
    tally.aborted++
    if ('error' in outcome || !outcome.complete) return
  }
  const expected = ANSWERS[plan.key]
  const refused = expected?.by === 'refused'
  if ('error' in outcome) {
    const { error } = outcome
    tally.errors[error] = (tally.errors[error] ?? 0) + 1
    if (met) tally.died++
    else tally.fault('unexplained error', plan, outcome)
    return
  }
  tally.bytes += outcome.length + plan.body.length
  if (refused) {
    tally.refused++
    if (outcome.status !== 503 || outcome.variant !== undefined) tally.fault('wrong status', plan, outcome)
    return
  }
  if (outcome.status !== 200) {
    if (met && outcome.variant === undefined) tally.died++
    else tally.fault('wrong status', plan, outcome)
    return
  }
  const route = expected?.route === undefined ? undefined : `${service}=${expected.route}`
  if (outcome.variant !== expected?.by || outcome.route !== route) tally.fault('wrong variant', plan, outcome)
  if (outcome.received !== 'intact') tally.fault('corrupt body', plan, outcome)
  if (!outcome.complete) {
    if (met) tally.died++
    else tally.fault('unexplained error', plan, outcome)
    return
  }
  if (plan.death !== undefined && plan.wanted.length > 2) tally.fault('cut off as if whole', plan, outcome)
  else if (outcome.sha !== digest(bytesOf(plan.wanted))) tally.fault('corrupt body', plan, outcome)
  else tally.answered++
}
