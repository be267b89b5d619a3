// Whether a Route that a person wrote is taken: it may lead to pods of its namespace only and, if it names a sandbox, to that sandbox's pods only.

import { parseAddress } from '../../core/address.ts'
import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import { ELSEWHERE, type WhyNoPod } from '../../kubernetes/route-target.ts'

export interface RouteSurroundings {
  /** Whether the RoutingTable that it names is there. */
  readonly hasTable: boolean
  readonly whyNoPod: WhyNoPod
  /** The sandbox of the fork's pod with this address; undefined if it is no fork's. */
  readonly sandboxOf: (host: string) => string | undefined
  /** Whether a pod of the namespace has this address. */
  readonly isHere: (host: string) => boolean
}

/** A pod may get its address after its Route. */
const REFUSED_AGAIN_MS = 5000
/** A pod's address may be given to one of another namespace. */
const ACCEPTED_AGAIN_MS = 60_000

type Statement = Pick<Condition, 'status' | 'reason' | 'message'>

/** `now`: RFC 3339. Agents take no such Route without it; what leads to no pod they refuse by themselves as well. */
export function acceptance(route: Route, around: RouteSurroundings, now: string): Condition {
  const statement = judge(route, around)
  const { generation } = route.metadata
  const before = route.status?.conditions?.find(({ type }) => type === 'Accepted')
  return {
    type: 'Accepted',
    ...statement,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: before?.status === statement.status ? before.lastTransitionTime : now,
  }
}

/** After how many milliseconds to judge again although nothing was told: nobody tells of pods that are of no sandbox. Undefined: not at all. */
export function judgeAgainMs({ spec }: Route, { reason, status }: Condition): number | undefined {
  if (reason === ELSEWHERE.namespace) return REFUSED_AGAIN_MS
  const leadsSomewhere = (spec.addresses ?? []).length > 0
  return status === 'True' && leadsSomewhere && spec.sandbox === undefined ? ACCEPTED_AGAIN_MS : undefined
}

function judge({ metadata, spec }: Route, { hasTable, whyNoPod, sandboxOf, isHere }: RouteSurroundings): Statement {
  if (!hasTable) return refuse('NoTable', `There is no RoutingTable ${spec.table}: the Service is not routed.`)
  for (const text of spec.addresses ?? []) {
    const address = parseAddress(text)
    if (address === undefined)
      return refuse('InvalidAddress', `${JSON.stringify(text)} is not an address like 10.0.0.7:8080.`)
    const what = whyNoPod(address.host)
    if (what !== undefined) return refuse('NotAPod', `${text} is ${what}: a route may lead to pods only.`)
    if (spec.sandbox !== undefined && sandboxOf(address.host) !== spec.sandbox) {
      return refuse(ELSEWHERE.sandbox, `${text} is no pod of Sandbox ${spec.sandbox}.`)
    }
    if (!isHere(address.host))
      return refuse(ELSEWHERE.namespace, `${text} is no pod of namespace ${metadata.namespace}.`)
  }
  return { status: 'True', reason: 'Accepted', message: '' }
}

function refuse(reason: string, message: string): Statement {
  return { status: 'False', reason, message }
}
