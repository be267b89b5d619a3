// Says of one answered or failed request whether it went where it had to: pure. The shop's answers name who answered, hop by hop.

/** A kind of request that a ledger sends. */
export interface Errand {
  readonly name: string
  /** Of the shop. */
  readonly service: string
  readonly url: string
  /** The routing key; none for requests of the baseline. */
  readonly key?: string
  /** How many of them are sent, in proportion to the others. */
  readonly share: number
  /** Each on a connection of its own. */
  readonly fresh?: boolean
  /**
   * Who may answer, for each service that the request passes: variants, or codes of faults. Services that are not named here may answer
   * as the baseline alone; those that are named must have been passed.
   */
  readonly expect: Readonly<Record<string, readonly string[]>>
}

/** What came of a request: an answer, or what went wrong, as `connect ECONNREFUSED` or `sent ECONNRESET`. */
export type Outcome =
  | { readonly fault: string }
  | {
      readonly status: number
      /** The header `sidetrack-error`: a sidecar's refusal. */
      readonly refusal?: string
      readonly body: string
    }

export type Verdict =
  | { readonly is: 'right' }
  /** `what` is the kind that losses are counted by. */
  | { readonly is: 'lost' | 'misrouted'; readonly what: string }

interface Hop {
  readonly service: string
  readonly variant: string
  readonly fault: boolean
}

interface ShopAnswer {
  readonly service?: string
  readonly variant?: string
  readonly path?: readonly { readonly to: string; readonly variant?: string; readonly fault?: string }[]
  readonly error?: string
}

const RIGHT: Verdict = { is: 'right' }

/** A request that was under way while the expectation changed may go by any: `errands` are those that held meanwhile. */
export function judge(errands: readonly Errand[], outcome: Outcome): Verdict {
  const verdicts = errands.map((errand) => judgeOne(errand, outcome))
  return verdicts.find(({ is }) => is === 'right') ?? verdicts[0] ?? RIGHT
}

function judgeOne(errand: Errand, outcome: Outcome): Verdict {
  if ('fault' in outcome) return { is: 'lost', what: outcome.fault }
  const hops = hopsOf(errand, outcome)
  if (typeof hops === 'string') return { is: 'lost', what: hops }
  for (const { service, variant, fault } of hops) {
    if ((errand.expect[service] ?? ['baseline']).includes(variant)) continue
    if (fault) return { is: 'lost', what: `${service}: ${variant}` }
    return { is: 'misrouted', what: `${service} by ${variant}` }
  }
  const left = Object.keys(errand.expect).find((service) => !hops.some((hop) => hop.service === service))
  if (left !== undefined) return { is: 'lost', what: `${left} was not asked` }
  if (outcome.status !== 200 && !hops.some(({ fault }) => fault))
    return { is: 'lost', what: `status ${outcome.status}` }
  return RIGHT
}

/** Who answered, the first service first; a string says why nobody can tell. */
function hopsOf(errand: Errand, outcome: Exclude<Outcome, { fault: string }>): readonly Hop[] | string {
  if (outcome.refusal !== undefined) return [{ service: errand.service, variant: outcome.refusal, fault: true }]
  let answer: ShopAnswer
  try {
    answer = JSON.parse(outcome.body)
  } catch {
    return `status ${outcome.status}, not the shop's answer`
  }
  if (answer.variant === undefined) return `status ${outcome.status}, an answer without a variant`
  return [
    { service: answer.service ?? '', variant: answer.variant, fault: false },
    ...(answer.path ?? []).map(({ to, variant, fault }) => ({
      service: to,
      variant: fault ?? variant ?? '',
      fault: fault !== undefined,
    })),
  ]
}
