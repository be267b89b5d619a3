// The soak's judge: what a scripted death explains, and that nothing else does.

import t from 'tap'
import { Deaths } from './deaths.ts'
import { judge } from './judge.ts'
import { type RequestPlan, digest } from './request-plan.ts'
import { type Answer, FAULTS, type Outcome, Tally } from './tally.ts'

const NOTHING = { start: 0, length: 0 }
const RESET = { error: 'ECONNRESET' }

function plan(key: string, more: Partial<RequestPlan> = {}): RequestPlan {
  return { key, body: NOTHING, wanted: NOTHING, chunked: false, abortAt: undefined, death: undefined, ...more }
}

function dying(key: string): RequestPlan {
  return plan(key, { death: { at: 'head', reset: false } })
}

function answer(variant: string | undefined, more: Partial<Answer> = {}): Answer {
  const route = variant === 'fork-a' ? 'cart=pr-42' : undefined
  const rest = { status: 200, route, received: 'intact', complete: true, sha: digest(Buffer.alloc(0)), length: 0 }
  return { variant, ...rest, ...more }
}

function faults(of: RequestPlan, outcome: Outcome, met: boolean): string[] {
  const tally = new Tally()
  judge(tally, 'cart', of, outcome, met)
  return FAULTS.filter((fault) => (tally.faults.get(fault) ?? 0) > 0)
}

t.test('an error is a fault unless a death met the request', async (t) => {
  for (const error of ['ECONNRESET', 'ERR_HTTP2_STREAM_ERROR 7', 'ERR_HTTP2_STREAM_ERROR 2']) {
    t.strictSame(faults(plan(''), { error }, false), ['unexplained error'], error)
    t.strictSame(faults(plan(''), { error }, true), [], error)
  }
  t.strictSame(faults(plan('pr-dead'), RESET, false), ['unexplained error'], 'a refusal that does not arrive')
})

t.test('an answer must come from the right variant, whole and unchanged', async (t) => {
  t.strictSame(faults(plan('pr-42'), answer('fork-a'), false), [])
  t.strictSame(faults(plan('pr-42'), answer('baseline'), true), ['wrong variant'])
  t.strictSame(faults(plan(''), answer('baseline', { received: 'corrupt' }), true), ['corrupt body'])
  t.strictSame(faults(plan(''), answer('baseline', { sha: 'x' }), true), ['corrupt body'])
  t.strictSame(faults(plan(''), answer('baseline', { complete: false }), false), ['unexplained error'])
  t.strictSame(faults(plan('pr-unready'), answer(undefined, { status: 503 }), false), [])
  t.strictSame(faults(plan('pr-unready'), answer('baseline'), true), ['wrong status'])
  t.strictSame(faults(plan('pr-42'), answer(undefined, { status: 503 }), false), ['wrong status'])
})

t.test('an answer whose upstream died in its midst may not look whole', async (t) => {
  const cut = plan('', { death: { at: 'body', reset: false }, wanted: { start: 0, length: 100 } })
  t.strictSame(faults(cut, answer('baseline'), true), ['cut off as if whole'])
})

t.test('a death meets the request that orders it and those on their way to the same upstream', async (t) => {
  const deaths = new Deaths()
  const earlier = deaths.begin(plan('pr-42'))
  const elsewhere = deaths.begin(plan('pr-57'))
  const own = deaths.begin(dying('pr-42'))
  const later = deaths.begin(plan('pr-42'))
  t.ok(deaths.end(own, RESET))
  t.ok(deaths.end(earlier, RESET))
  t.ok(deaths.end(later, RESET))
  t.notOk(deaths.end(elsewhere, RESET), 'another fork does not notice')
})

t.test('the death of the baseline meets every request of the connection', async (t) => {
  const deaths = new Deaths()
  const own = deaths.begin(dying(''))
  const fork = deaths.begin(plan('pr-42'))
  deaths.end(own, answer('baseline'))
  t.ok(deaths.end(fork, RESET))
})

t.test('a death meets the next request, and none that sets out when that one has its answer', async (t) => {
  const deaths = new Deaths()
  deaths.end(deaths.begin(dying('')), answer('baseline'))
  const next = deaths.begin(plan('pr-42'))
  t.ok(deaths.end(next, answer('fork-a')))
  t.notOk(deaths.end(deaths.begin(plan('')), RESET))
})

t.test('an answer to what set out before the death proves nothing about it', async (t) => {
  const deaths = new Deaths()
  const before = deaths.begin(plan('pr-42'))
  deaths.end(deaths.begin(dying('')), answer('baseline'))
  deaths.end(before, answer('fork-a'))
  t.ok(deaths.end(deaths.begin(plan('')), RESET))
})

t.test('a request that no upstream gets orders no death', async (t) => {
  const deaths = new Deaths()
  const refused = deaths.begin(dying('pr-unready'))
  t.notOk(deaths.end(refused, answer(undefined, { status: 503 })))
  t.notOk(deaths.end(deaths.begin(plan('')), RESET))
})
