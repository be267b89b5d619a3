// Everything that decides about one sandbox, read from the view.

import { NAMESPACE_LABEL } from '../../core/fork-marks.ts'
import type { Fork, Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Desired, Observed } from '../plan/desired.ts'
import { type Baseline, fromDeployment, fromRollout, fromStatefulSet } from '../sandbox/baseline.ts'
import { byAge } from '../sandbox/sandbox-identity.ts'
import type { SandboxWorld } from '../sandbox/shape.ts'
import type { AccessModes } from '../sandbox/shared-claims.ts'
import { updatedAt } from '../sandbox/status.ts'
import type { Neighbourhoods } from '../view/neighbourhoods.ts'
import { type View, markOf, marksOf } from '../view/view.ts'

export interface WorldParts extends Pick<SandboxWorld, 'limits' | 'baselines'> {
  readonly around: Neighbourhoods
  readonly claims: AccessModes
  readonly now: number
}

export function sandboxWorld(
  sandbox: Sandbox,
  view: View,
  { around, limits, baselines, claims, now }: WorldParts,
): SandboxWorld {
  const { namespace = '', uid } = sandbox.metadata
  return {
    sandbox,
    updatedAt: updatedAt(sandbox, now),
    limits,
    namespaceEnabled: isEnabled(view, namespace),
    older: limits.perNamespace === undefined ? 0 : olderThan(sandbox, view),
    baselines,
    around: { ...around.of(namespace), claims },
    established: childrenOf(markOf(sandbox), view).some(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid),
    ),
  }
}

export function isEnabled(view: View, namespace: string): boolean {
  return view.namespaces.get(undefined, namespace)?.metadata.labels[NAMESPACE_LABEL] === 'enabled'
}

/** One for each fork; what belongs to a sandbox is no baseline. */
export function baselinesOf({ metadata, spec }: Sandbox, view: View): readonly (Baseline | undefined)[] {
  return spec.forks.map((fork) => baselineOf(fork, metadata.namespace, view))
}

/** Everything that was made for the sandbox with this mark, of whichever uid. */
export function childrenOf(mark: string, view: View): readonly Observed[] {
  return [
    ...view.policies.by('mark', mark),
    ...view.services.by('mark', mark),
    ...view.deployments.by('mark', mark),
    ...view.statefulSets.by('mark', mark),
    ...view.routes.by('mark', mark),
  ]
}

/** The same, and whatever else has one of the desired names. */
export function withTakenNames(
  children: readonly Observed[],
  desired: readonly Desired[],
  view: View,
): readonly Observed[] {
  const there = new Set(children)
  const stores = {
    NetworkPolicy: view.policies,
    Service: view.services,
    Deployment: view.deployments,
    StatefulSet: view.statefulSets,
    RoutingTable: view.tables,
    Route: view.routes,
  }
  const taken = desired.flatMap(({ kind, metadata }): Observed[] => {
    const found: Observed | undefined = stores[kind].get(metadata.namespace, metadata.name)
    return found === undefined || there.has(found) ? [] : [found]
  })
  return [...children, ...taken]
}

function baselineOf({ of: { kind, name } }: Fork, namespace: string | undefined, view: View): Baseline | undefined {
  switch (kind) {
    case 'Deployment': {
      const found = view.deployments.get(namespace, name)
      return found === undefined || isMade(found) ? undefined : fromDeployment(found.unpacked())
    }
    case 'StatefulSet': {
      const found = view.statefulSets.get(namespace, name)
      return found === undefined || isMade(found) ? undefined : fromStatefulSet(found.unpacked())
    }
    case 'Rollout': {
      const found = view.rollouts.get(namespace, name)?.unpacked()
      if (found === undefined || isMade(found)) return undefined
      const { kind: refersTo, name: referred } = found.spec?.workloadRef ?? {}
      const deployment =
        refersTo === 'Deployment' && referred !== undefined ? view.deployments.get(namespace, referred) : undefined
      return fromRollout(found, deployment?.unpacked())
    }
  }
}

function isMade(object: Parameters<typeof marksOf>[0]): boolean {
  return marksOf(object).length > 0
}

function olderThan(sandbox: Sandbox, view: View): number {
  let older = 0
  for (const other of view.sandboxes.values(sandbox.metadata.namespace)) if (byAge(other, sandbox) < 0) older++
  return older
}
