// Who may answer which request right now: pure. What a window announces is an exception; everything else is strict.

import { errand } from '../e2e/ledger/ledger.ts'
import type { Errand } from '../e2e/ledger/judge.ts'

/** Whose calls the sidecars decide about: a ledger by its name, or a service of the shop. */
export type Caller = string

export interface KeyedExpectation {
  readonly key: string
  /** The service that is forked under it. */
  readonly service: 'cart' | 'pricing'
  /** Variants, and codes of refusals. */
  readonly answers: readonly string[]
}

/** Who calls a service when a request for the storefront is served. */
const CALLER_OF = { cart: 'storefront', pricing: 'cart' } as const

/** What a request for a fork that cannot be reached gets. */
export const REFUSALS = ['ST1101', 'ST1102']

/** All that one ledger sends. `exceptions` are callers that bypass their sidecars, and keys whose forks may be gone. */
export function errandsOf(
  ledger: Caller,
  keyed: Iterable<KeyedExpectation>,
  exceptions: ReadonlySet<string>,
): readonly Errand[] {
  const all = [...keyed]
  const share = Math.max(1, Math.ceil(all.length / 2))
  const baseline = { cart: ['baseline'], pricing: ['baseline'], catalog: ['baseline'] }
  const direct = errand('pricing', undefined, { pricing: ['baseline'] }, share)
  return [
    errand('storefront', undefined, baseline, share),
    direct,
    { ...direct, name: `${direct.name} fresh`, fresh: true },
    ...all.flatMap(({ key, service, answers }) => {
      const troubled = exceptions.has(key) ? REFUSALS : []
      const by = (caller: Caller) => [...answers, ...troubled, ...(exceptions.has(caller) ? ['baseline'] : [])]
      return [
        errand(service, key, { [service]: by(ledger) }),
        errand('storefront', key, { [service]: by(CALLER_OF[service]) }),
      ]
    }),
  ]
}

/** Whether requests of this errand depend on the calls of `caller`. */
export function passes(errandName: string, ledger: Caller, caller: Caller): boolean {
  if (caller === ledger) return true
  const [service = ''] = errandName.split(' ')
  if (caller === 'storefront') return service === 'storefront'
  return caller === 'cart' && (service === 'storefront' || service === 'cart')
}
