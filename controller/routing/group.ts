// A RouteGroup: a key of its own that leads to the forks of several sandboxes, the first of them that forks a Service before the others.

import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { RouteGroup, RouteGroupStatus } from '../../kubernetes/resources/route-group.ts'
import type { Desired } from '../plan/desired.ts'
import type { ProgrammedState } from '../programmed/programmed.ts'
import { listed } from '../sandbox/finding.ts'
import { type Lost, groupMembers } from './precedence.ts'
import { type ForkedEndpoints, routes } from './routes.ts'

export interface GroupMember {
  readonly name: string
  /** What it forks; undefined if there is no such sandbox. */
  readonly endpoints: readonly ForkedEndpoints[] | undefined
}

export interface GroupRoutes {
  readonly routes: readonly Desired[]
  readonly services: readonly string[]
}

export function groupKeyOf({ metadata, spec }: RouteGroup): string {
  return spec.routingKey ?? metadata.name
}

/** `members` in order of precedence; `lost` are Services that somebody older has under the same key. */
export function groupRoutes(group: RouteGroup, members: readonly GroupMember[], lost: readonly Lost[]): GroupRoutes {
  const taken = new Set(lost.map(({ service }) => service))
  const owners = groupMembers(
    members.map(({ name, endpoints = [] }) => ({
      name,
      services: endpoints.map(({ service }) => service.metadata.name),
    })),
  )
  const endpoints = members.flatMap(({ name, endpoints: all = [] }) =>
    all.filter(({ service }) => owners.get(service.metadata.name) === name && !taken.has(service.metadata.name)),
  )
  const { apiVersion, kind, metadata } = group
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }
  return {
    routes: routes({ namespace: metadata.namespace ?? '', key: groupKeyOf(group), owner }, endpoints),
    services: endpoints.map(({ service }) => service.metadata.name),
  }
}

export interface GroupState {
  readonly members: readonly GroupMember[]
  readonly routes: readonly Desired[]
  readonly lost: readonly Lost[]
  readonly programmed: ProgrammedState
}

/** `now`: RFC 3339. */
export function groupStatus(group: RouteGroup, state: GroupState, now: string): RouteGroupStatus {
  const { generation } = group.metadata
  const before = group.status?.conditions?.find(({ type }) => type === 'Ready')
  const statement = readiness(state)
  const condition: Condition = {
    type: 'Ready',
    ...statement,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: before?.status === statement.status ? before.lastTransitionTime : now,
  }
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    routingKey: groupKeyOf(group),
    conditions: [condition],
    sandboxes: state.members.filter(({ endpoints }) => endpoints !== undefined).map(({ name }) => name),
  }
}

function readiness({
  members,
  routes: all,
  lost,
  programmed,
}: GroupState): Pick<Condition, 'status' | 'reason' | 'message'> {
  const missing = members.filter(({ endpoints }) => endpoints === undefined).map(({ name }) => name)
  if (missing.length > 0) {
    return { status: 'False', reason: 'SandboxMissing', message: `There is no Sandbox ${listed(missing)}.` }
  }
  if (members.length === 0) return { status: 'False', reason: 'NoSandboxes', message: 'No Sandbox matches.' }
  const [first] = lost
  if (first !== undefined) {
    const message = `${first.to.kind} ${first.to.name} is older and has Service ${first.service} under the same key.`
    return { status: 'False', reason: 'KeyTaken', message }
  }
  const waiting = all.filter(({ spec }) => 'ready' in spec && spec.ready === false).map(({ metadata }) => metadata.name)
  if (waiting.length > 0) {
    return { status: 'False', reason: 'WaitingForForks', message: `Not ready: Route ${listed(waiting)}.` }
  }
  return { status: programmed.programmed ? 'True' : 'False', reason: programmed.reason, message: programmed.message }
}
