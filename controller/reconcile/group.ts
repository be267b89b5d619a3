// One look at a RouteGroup: its routes lead to the forks of its sandboxes, the first that forks a Service before the others.

import { containsLabels } from '../../kubernetes/label-selector.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { RouteGroup } from '../../kubernetes/resources/route-group.ts'
import { ROUTE_GROUPS } from '../../kubernetes/resources/sidetrack.ts'
import type { Desired, Observed } from '../plan/desired.ts'
import { isSame } from '../plan/holds.ts'
import { plan } from '../plan/plan.ts'
import { type GroupMember, groupKeyOf, groupRoutes, groupStatus } from '../routing/group.ts'
import { groupOrder } from '../routing/precedence.ts'
import { type View, markOf, split } from '../view/view.ts'
import { carryOut } from './apply.ts'
import { type Claims, identity } from './claims.ts'
import { type Parts, targetKey } from './parts.ts'
import { routesInForce } from './routes-in-force.ts'
import { withTakenNames } from './world.ts'

/** Members that this process has not looked at yet: they come first. */
const SOON_MS = 200
const PROGRESS_MS = 2000

export async function reconcileGroup(at: string, parts: Parts, signal: AbortSignal): Promise<number | undefined> {
  const { client, view, claims, memory, inForce, wake } = parts
  const { namespace, name } = split(at)
  const who = targetKey({ kind: 'RouteGroup', place: at })
  const group = view.groups.get(namespace, name)
  if (group === undefined || group.metadata.deletionTimestamp !== undefined) {
    claims.putGroup(at, undefined)
    inForce.forget(who)
    const left = [...view.routes.values(namespace)].filter(({ metadata }) => isOf(metadata.ownerReferences, name))
    await carryOut(client, plan([], left, memory), parts, signal)
    return undefined
  }
  const members = membersOf(group, view, claims)
  const unknown = members.filter(({ mark, endpoints }) => mark !== undefined && endpoints === undefined)
  for (const { mark = '' } of unknown) wake({ kind: 'Sandbox', mark })
  if (unknown.length > 0) return SOON_MS
  const all = groupRoutes(group, members, [])
  claims.putGroup(at, all.services)
  const key = groupKeyOf(group)
  const lost = claims.lost({ ...identity('RouteGroup', group.metadata), key, services: all.services })
  const { routes } = lost.length === 0 ? all : groupRoutes(group, members, lost)
  const planned = plan(routes, observedOf(group, routes, view), memory)
  await carryOut(client, planned, parts, signal)
  const { state: programmed } = routesInForce(who, routes, undefined, parts)
  const status = groupStatus(group, { members, routes, lost, programmed }, now())
  if (!isSame(status, group.status)) await writeStatus(group, status, parts, signal)
  return programmed.programmed || routes.length === 0 ? undefined : PROGRESS_MS
}

interface Member extends GroupMember {
  /** Undefined if there is no such sandbox. */
  readonly mark: string | undefined
}

function membersOf({ metadata, spec }: RouteGroup, view: View, claims: Claims): readonly Member[] {
  const { namespace } = metadata
  const { match } = spec
  const matched =
    match === undefined
      ? []
      : [...view.sandboxes.values(namespace)].filter((each) => containsLabels(each.metadata.labels ?? {}, match.labels))
  const order = groupOrder(
    spec.sandboxes ?? [],
    matched.map((each) => identity('Sandbox', each.metadata)),
  )
  return order.map((name) => {
    const sandbox = view.sandboxes.get(namespace, name)
    if (sandbox === undefined) return { name, mark: undefined, endpoints: undefined }
    const mark = markOf(sandbox)
    return { name, mark, endpoints: claims.of(mark)?.endpoints }
  })
}

function observedOf({ metadata }: RouteGroup, routes: readonly Desired[], view: View): readonly Observed[] {
  return withTakenNames([...view.routes.by('owner', metadata.uid ?? '')], routes, view)
}

async function writeStatus(
  { metadata: { namespace, name } }: RouteGroup,
  status: NonNullable<RouteGroup['status']>,
  { client, written }: Parts,
  signal: AbortSignal,
): Promise<void> {
  try {
    written(await client.applyStatus(ROUTE_GROUPS, { metadata: { namespace, name }, status }, { force: true }, signal))
  } catch (error) {
    // It was deleted meanwhile.
    if (!(error instanceof KubernetesError && error.code === 'ST3005')) throw error
  }
}

function isOf(owners: readonly { readonly kind: string; readonly name: string }[] = [], group: string): boolean {
  return owners.some(({ kind, name }) => kind === 'RouteGroup' && name === group)
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
