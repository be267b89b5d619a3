// Decides whether what came back for a request is what must come back.

import { ANSWERS, type RequestPlan, bytesOf, digest } from './request-plan.ts'
import type { Outcome, Tally } from './tally.ts'

const REFUSED_STREAM = ' 7'

/**
 * `service` is the name in `sidetrack-route`; `disturbed`: an upstream of this client connection was told to die while the request was on
 * its way, or just before it, so that it may fail as well.
 */
export function judge(tally: Tally, service: string, plan: RequestPlan, outcome: Outcome, disturbed: boolean): void {
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
    if (plan.death !== undefined || disturbed) tally.died++
    else if (error.endsWith(REFUSED_STREAM)) tally.unprocessed++
    else if (refused && plan.body.length > 0) tally.refused++ // the answer comes before the body has gone, and ends the connection
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
    if ((plan.death !== undefined || disturbed) && outcome.variant === undefined) tally.died++
    else tally.fault('wrong status', plan, outcome)
    return
  }
  const route = expected?.route === undefined ? undefined : `${service}=${expected.route}`
  if (outcome.variant !== expected?.by || outcome.route !== route) tally.fault('wrong variant', plan, outcome)
  if (outcome.received !== 'intact') tally.fault('corrupt body', plan, outcome)
  if (!outcome.complete) {
    if (plan.death !== undefined || disturbed) tally.died++
    else tally.fault('unexplained error', plan, outcome)
    return
  }
  if (plan.death !== undefined && plan.wanted.length > 2) tally.fault('cut off as if whole', plan, outcome)
  else if (outcome.sha !== digest(bytesOf(plan.wanted))) tally.fault('corrupt body', plan, outcome)
  else tally.answered++
}
