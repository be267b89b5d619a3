import t from 'tap'
import { type Hop } from '../../examples/shop/path.ts'
import { answersOf, check, type Outcome, SERVICES, type Stop, TOUR } from '../../examples/shop/tour.ts'

function hop(caller: string, service: string, answer: string, calls: readonly Hop[] = []): Hop {
  const fault = answer.startsWith('ST') ? answer : undefined
  const variant = fault === undefined ? answer : undefined
  return { caller, service, variant, fault, status: fault === undefined ? 200 : 503, ms: 1, calls }
}

/** What comes back if everything goes as `stop` expects. */
function asExpected(stop: Stop): Outcome {
  const { answers, status } = stop
  const called = (caller: string, service: (typeof SERVICES)[number], calls: readonly Hop[] = []) =>
    answers[service] === '-' ? [] : [hop(caller, service, answers[service], calls)]
  const leaves = [...called('cart', 'pricing'), ...called('cart', 'catalog')]
  const [path] = called('tour', 'storefront', called('storefront', 'cart', leaves))
  const codes = Object.values(answers).filter((answer) => answer.startsWith('ST'))
  return { status, error: codes.length === 0 ? undefined : `refused (${codes.join()})`, path, ms: 5 }
}

/** `path` with what answered `service` replaced. */
function withAnswer(path: Hop, service: string, change: Partial<Hop>): Hop {
  const calls = path.calls.map((each) => withAnswer(each, service, change))
  return { ...path, calls, ...(path.service === service ? change : {}) }
}

t.test('every stop is content with exactly what it expects', async (t) => {
  for (const stop of TOUR) t.same(check(stop, asExpected(stop)), [], stop.about)
})

t.test('every stop notices a wrong variant at every hop', async (t) => {
  for (const stop of TOUR) {
    const outcome = asExpected(stop)
    for (const service of SERVICES) {
      if (stop.answers[service] === '-' || outcome.path === undefined) continue
      const wrong = { variant: stop.answers[service] === 'baseline' ? 'pr-42' : 'baseline', fault: undefined }
      const faults = check(stop, { ...outcome, path: withAnswer(outcome.path, service, wrong) })
      t.equal(faults.length, 1, `${stop.about}: ${service}`)
      t.match(faults[0], new RegExp(`^${service}: ${wrong.variant}; it must be `))
    }
  }
})

t.test('every stop notices a hop that is missing, doubled, or made by somebody else', async (t) => {
  for (const stop of TOUR.filter(({ status }) => status === 200)) {
    const outcome = asExpected(stop)
    const [cart] = outcome.path?.calls ?? []
    if (outcome.path === undefined || cart === undefined) throw new Error('no cart')
    const changed = (calls: readonly Hop[]) =>
      check(stop, { ...outcome, path: { ...hop('tour', 'storefront', 'baseline'), calls } })
    t.match(changed([{ ...cart, calls: cart.calls.slice(0, 1) }]), [/^catalog: not called/], `${stop.about}: missing`)
    t.match(changed([{ ...cart, calls: [...cart.calls, ...cart.calls.slice(1)] }]), [/^catalog: baseline\+baseline/])
    t.match(
      changed([
        { ...cart, calls: [] },
        hop('storefront', 'pricing', stop.answers.pricing),
        hop('storefront', 'catalog', stop.answers.catalog),
      ]),
      [/^pricing was called by storefront; it must be cart/, /^catalog was called by storefront; it must be cart/],
    )
  }
})

t.test('a wrong status, an untold reason and a path that never became whole are faults', async (t) => {
  for (const stop of TOUR) {
    const outcome = asExpected(stop)
    t.match(check(stop, { ...outcome, status: 418 }), [/^status 418; it must be/], stop.about)
    t.match(check(stop, { ...outcome, path: undefined }), [/no whole path/], stop.about)
    if (outcome.error !== undefined)
      t.match(check(stop, { ...outcome, error: 'sorry' }), [/does not say ST11/], stop.about)
  }
})

t.test('the tour sends no key, one, two, an unknown one, one that is down and one that is not ready', async (t) => {
  const sent = new Set(TOUR.map(({ baggage }) => baggage))
  t.equal(new Set(TOUR.map(({ about }) => about)).size, TOUR.length, 'each stop has its own name')
  const musts = [
    undefined,
    'sidetrack=pr-42',
    'sidetrack=pr-57',
    'sidetrack=pr-42.pr-57',
    'sidetrack=pr-0',
    'sidetrack=pr-99',
    'sidetrack=pr-13',
  ]
  for (const must of musts) t.ok(sent.has(must), String(must))
})

t.test('a path that does not exist has no answers', async (t) => {
  t.same(Object.values(answersOf(undefined)), ['-', '-', '-', '-'])
})
