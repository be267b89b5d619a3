// What the demo prints: what runs where, a request's path in a line, and the tour's table. Pure text, painted if asked.

import type { Hop } from './path.ts'
import { HOST, type ServicePlan } from './plan.ts'
import type { Paint } from './paint.ts'
import { indent, table } from './table.ts'
import { answersOf, NOT_CALLED, type Outcome, SERVICES, type Stop } from './tour.ts'

/** What runs where, and what to try. */
export function drawShop(plan: readonly ServicePlan[], routes: string, admin: string, paint: Paint): string {
  const rows = plan.map(({ name, listen, runs, missing }) => {
    const forks = runs.filter(({ variant }) => variant !== 'baseline')
    return [
      paint('bold', name),
      `${HOST}:${listen}`,
      ...runs.filter(({ variant }) => variant === 'baseline').map(({ port }) => `${HOST}:${port}`),
      [
        ...forks.map(({ variant, port }) => `${paint('cyan', variant)} ${HOST}:${port}`),
        ...missing.map(({ key, why }) => paint('dim', `${key} (${why})`)),
      ].join(', '),
    ]
  })
  const url = `http://${HOST}:${plan[0]?.listen}/`
  const curls = [
    ['', 'no key: the baseline everywhere'],
    ['sidetrack=pr-42', 'cart as pull request 42 changes it'],
    ['sidetrack=pr-57', 'pricing as pull request 57 changes it'],
    ['sidetrack=pr-42.pr-57', 'both'],
    ['sidetrack=pr-0', 'a key that nobody knows: the baseline'],
    ['sidetrack=pr-99', 'a fork that is down: 503, and why'],
  ].map(([baggage, about]) => [
    `curl ${baggage === '' ? '' : `-H 'baggage: ${baggage}' `}${url}`,
    paint('dim', `# ${about}`),
  ])
  return [
    'storefront → cart → pricing and catalog, each behind a sidecar of its own',
    '',
    indent(table([['service', 'sidecar', 'baseline', 'forks'].map((head) => paint('dim', head)), ...rows])),
    '',
    indent(
      table([
        [paint('dim', 'routes'), routes, paint('dim', 'edit it: what you save is in force at once')],
        [paint('dim', 'admin'), admin, paint('dim', 'tables, sidecars and metrics')],
      ]),
    ),
    '',
    'Try, in another terminal:',
    '',
    indent(table(curls)),
    '',
  ].join('\n')
}

/** `storefront[baseline] → cart[pr-42] 3.1 ms → pricing[baseline] 1.0 ms, catalog[baseline] 0.9 ms  total 6.2 ms` */
export function drawPath(path: Hop, paint: Paint): string {
  const first = path.fault === undefined ? named(path, paint) : `${path.service} ${paint('red', `✗ ${path.fault}`)}`
  const status = path.status === 200 ? '' : `${paint('red', path.status === 0 ? 'no answer' : String(path.status))} `
  return `${first}${drawCalls(path.calls, paint)}  ${status}${paint('dim', `total ${duration(path.ms)}`)}`
}

function drawCalls(calls: readonly Hop[], paint: Paint): string {
  if (calls.length === 0) return ''
  const drawn = calls.map((hop) => {
    const answer = hop.fault === undefined ? named(hop, paint) : `${hop.service} ${paint('red', `✗ ${hop.fault}`)}`
    const further = drawCalls(hop.calls, paint)
    // Brackets only where a list would be misread.
    return `${further !== '' && calls.length > 1 ? '(' : ''}${answer} ${paint('dim', duration(hop.ms))}${further}${further !== '' && calls.length > 1 ? ')' : ''}`
  })
  return ` → ${drawn.join(', ')}`
}

function named({ service, variant = '?' }: Hop, paint: Paint): string {
  return `${service}${variant === 'baseline' ? paint('dim', '[baseline]') : paint('cyan', `[${variant}]`)}`
}

export interface Visit {
  readonly stop: Stop
  readonly outcome: Outcome
  readonly faults: readonly string[]
}

/** A row per stop; below it what is wrong and, for refusals, the reason that the page gave. */
export function drawTour(visits: readonly Visit[], paint: Paint): string {
  const rows = visits.map(({ stop, outcome, faults }) => {
    const answers = answersOf(outcome.path)
    return [
      stop.about,
      stop.baggage ?? paint('dim', NOT_CALLED),
      ...SERVICES.map((service) => {
        const text = answers[service]
        if (text !== stop.answers[service]) return paint('red', `${text} !`)
        return paint(
          text === 'baseline' || text === NOT_CALLED ? 'dim' : text.startsWith('ST') ? 'yellow' : 'cyan',
          text,
        )
      }),
      String(outcome.status),
      outcome.ms.toFixed(1).padStart(6),
      faults.length === 0 ? paint('green', 'ok') : paint('red', 'WRONG'),
    ]
  })
  const heads = ['request', 'baggage', ...SERVICES, 'status', 'ms'.padStart(6), ''].map((head) => paint('dim', head))
  const reasons = visits
    .filter(({ outcome }) => outcome.error !== undefined)
    .map(({ stop, outcome }) => [stop.about, outcome.error ?? ''])
  const faults = visits.flatMap(({ stop, faults: each }) => each.map((fault) => `${stop.about}: ${fault}`))
  return [
    table([heads, ...rows]),
    ...(reasons.length === 0 ? [] : ['', paint('dim', 'What the refused ones were told:'), indent(table(reasons))]),
    ...(faults.length === 0 ? [] : ['', ...faults.map((fault) => paint('red', fault))]),
  ].join('\n')
}

export function duration(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
