// Routes: where requests with a key go, for every routed port of every Service that a sandbox forks.

import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import type { EndpointSlice, Service } from '../../kubernetes/resources/builtin.ts'
import type { OwnerReference } from '../../kubernetes/resources/meta.ts'
import type { RouteSpec } from '../../kubernetes/resources/route.ts'
import type { Desired } from '../plan/desired.ts'
import { objectName } from '../sandbox/fork-name.ts'
import { readyAddresses } from './addresses.ts'
import { routedPorts } from './ports.ts'

/** A Service that a sandbox forks, as it stands. */
export interface ForkedEndpoints {
  readonly sandbox: string
  readonly service: Service
  /** Of the fork's own Service. */
  readonly slices: readonly EndpointSlice[]
  /** Why there is nobody, if there is nobody. */
  readonly reason: string
  readonly unready: 'fail' | 'baseline'
}

/** Who has the key: a Sandbox, or a RouteGroup. */
export interface KeyOwner {
  readonly namespace: string
  readonly key: string
  readonly owner: OwnerReference
}

/** A reason is read by people, in the answer to a request. */
const LONGEST_REASON = 500

/** One Route a port: their target ports may differ, and be ready at different times. */
export function routes(by: KeyOwner, endpoints: readonly ForkedEndpoints[]): readonly Desired[] {
  return endpoints.flatMap((each) =>
    routedPorts(each.service).map(({ port, name = '' }): Desired => {
      const addresses = readyAddresses(each.slices, name, each.service.spec?.ipFamilies ?? [])
      const table = each.service.metadata.name
      return {
        kind: 'Route',
        metadata: {
          namespace: by.namespace,
          name: routeName(table, port, by.owner),
          labels: { [SANDBOX_LABEL]: labelValue(each.sandbox) },
          ownerReferences: [by.owner],
        },
        spec: routeSpec({ table, port, key: by.key, sandbox: each.sandbox, addresses }, each),
      }
    }),
  )
}

/** A Service's name has no dots, so every part is told from the next. Two owners never have a Route of the same name. */
export function routeName(table: string, port: number, owner: Pick<OwnerReference, 'kind' | 'name'>): string {
  return objectName(`${table}.${port}.${owner.kind.toLowerCase()}.${owner.name}`)
}

function routeSpec(spec: RouteSpec, { unready, reason, slices }: ForkedEndpoints): RouteSpec {
  const whenUnready = unready === 'baseline' ? { unready } : {}
  if ((spec.addresses ?? []).length > 0) return { ...spec, ...whenUnready }
  const missing = slices.some(({ endpoints }) => (endpoints ?? []).some(({ conditions }) => conditions?.ready === true))
  const why = missing && reason === '' ? 'no pod of the fork has the port that the Service targets' : reason
  return { ...spec, ready: false, reason: why.slice(0, LONGEST_REASON), ...whenUnready }
}
