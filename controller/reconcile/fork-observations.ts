// How the forks of a sandbox are doing, read from the view and, where that does not explain it, asked for.

import { FORK_OF_LABEL } from '../../core/fork-marks.ts'
import type { DerivedFork } from '../sandbox/derive.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import type { ForkWorkload } from '../sandbox/fork-state.ts'
import type { ObservedFork } from '../sandbox/sandbox-routes.ts'
import { type View, place, split } from '../view/view.ts'
import type { Parts } from './parts.ts'

export interface ForkObservations {
  readonly forks: readonly ObservedFork[]
  /** After so many milliseconds more may be known. */
  readonly againMs: number | undefined
}

export async function observeForks(
  mark: string,
  forks: readonly DerivedFork[],
  { view, inquiry }: Pick<Parts, 'view' | 'inquiry'>,
  now: number,
  signal: AbortSignal,
): Promise<ForkObservations> {
  const { namespace } = split(mark)
  const pods = [...view.pods.by('mark', mark)]
  const observed: ObservedFork[] = []
  let againMs: number | undefined
  for (const fork of forks) {
    const workload = workloadOf(fork, namespace, view)
    const forkOf = labelValue(fork.baseline.metadata.name)
    const observation = {
      replicas: fork.replicas,
      version: fork.version,
      workload,
      pods: pods.filter(({ metadata }) => metadata.labels?.[FORK_OF_LABEL] === forkOf),
    }
    const since = workload === undefined ? now : workload.since
    const inquired = await inquiry.state({ namespace, name: fork.name, since }, observation, now, signal)
    if (inquired.againMs !== undefined) againMs = Math.min(againMs ?? inquired.againMs, inquired.againMs)
    const slices = new Map(
      fork.services.map(({ fork: own }) => [own, [...view.slices.by('service', place(namespace, own))]] as const),
    )
    observed.push({ fork, state: inquired.state, slices })
  }
  return { forks: observed, againMs }
}

function workloadOf(
  { name, baseline }: DerivedFork,
  namespace: string,
  view: View,
): (ForkWorkload & { readonly since: number }) | undefined {
  const store = baseline.kind === 'StatefulSet' ? view.statefulSets : view.deployments
  const found = store.get(namespace, name)
  if (found === undefined) return undefined
  const { uid = '', generation = 0, creationTimestamp = '' } = found.metadata
  const { observedGeneration, failure } = found
  return { uid, generation, observedGeneration, failure, since: Date.parse(creationTimestamp) || 0 }
}
