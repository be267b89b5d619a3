// The Routes of a sandbox: for every Service that its forks stand for and that nobody older has, and how far each is.

import type { EndpointSlice } from '../../kubernetes/resources/builtin.ts'
import type { Sandbox, SandboxService } from '../../kubernetes/resources/sandbox.ts'
import type { Desired } from '../plan/desired.ts'
import { readyPods } from '../routing/addresses.ts'
import type { Lost } from '../routing/precedence.ts'
import { type ForkedEndpoints, routes } from '../routing/routes.ts'
import type { DerivedFork } from './derive.ts'
import type { ForkState } from './fork-state.ts'
import { ownedBy, routingKeyOf } from './sandbox-identity.ts'

/** A fork with what is known of it. */
export interface ObservedFork {
  readonly fork: DerivedFork
  readonly state: ForkState
  /** By the name of the fork's own Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>
}

export interface SandboxRoutes {
  readonly routes: readonly Desired[]
  readonly services: readonly SandboxService[]
  /** Services whose routes do not lead to exactly the ready pods of the forks' present versions. */
  readonly unready: readonly string[]
}

/** Of two forks of one sandbox that stand for the same Service, the first has it. */
export function forkedEndpoints(sandbox: Sandbox, forks: readonly ObservedFork[]): readonly ForkedEndpoints[] {
  const found = new Map<string, ForkedEndpoints>()
  for (const { fork, state, slices } of forks) {
    for (const { service, fork: own } of fork.services) {
      if (found.has(service.metadata.name)) continue
      found.set(service.metadata.name, {
        sandbox: sandbox.metadata.name,
        service,
        slices: slices.get(own) ?? [],
        reason: state.available ? '' : `${fork.baseline.metadata.name}: ${state.message}`,
        unready: sandbox.spec.unready ?? 'fail',
      })
    }
  }
  return [...found.values()]
}

export function sandboxRoutes(sandbox: Sandbox, forks: readonly ObservedFork[], lost: readonly Lost[]): SandboxRoutes {
  const taken = new Set(lost.map(({ service }) => service))
  const endpoints = forkedEndpoints(sandbox, forks).filter(({ service }) => !taken.has(service.metadata.name))
  const owner = { namespace: sandbox.metadata.namespace ?? '', key: routingKeyOf(sandbox), owner: ownedBy(sandbox) }
  const services = endpoints.map((each) => serviceState(each, forks))
  return {
    routes: routes(owner, endpoints),
    services,
    unready: services.filter(({ ready }) => !ready).map(({ name }) => name),
  }
}

function serviceState(endpoints: ForkedEndpoints, forks: readonly ObservedFork[]): SandboxService {
  const { name } = endpoints.service.metadata
  const owner = forks.find(({ fork }) => fork.services.some(({ service }) => service.metadata.name === name))
  const expected = owner?.state.available === true ? owner.state.ready.toSorted() : []
  const present = readyPods(endpoints.slices)
  const ready = expected.length > 0 && expected.join(' ') === present.join(' ')
  const reason = endpoints.reason === '' ? 'its endpoints are being written' : endpoints.reason
  return { name, fork: owner?.fork.name ?? '', ready, ...(ready ? {} : { reason: reason.slice(0, LONGEST_REASON) }) }
}

/** As the definition of the resource allows. */
const LONGEST_REASON = 1024
