// Whether a workload of the installation runs in its present version everywhere, and if not, why.

import type { Deployment, Pod } from '../../kubernetes/resources/builtin.ts'
import type { DaemonSet } from '../../kubernetes/resources/daemon-set.ts'

export interface RolloutState {
  readonly done: boolean
  /** `1 of 2 ready`. */
  readonly text: string
}

export function deploymentState({ metadata, spec, status }: Deployment): RolloutState {
  const wanted = spec?.replicas ?? 1
  const seen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1)
  const updated = seen ? (status?.updatedReplicas ?? 0) : 0
  const ready = Math.min(updated, status?.availableReplicas ?? 0)
  const old = (status?.replicas ?? 0) - updated
  return { done: seen && ready >= wanted && old <= 0, text: `${ready} of ${wanted} ready` }
}

export function daemonSetState({ metadata, status }: DaemonSet): RolloutState {
  const seen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1)
  const wanted = status?.desiredNumberScheduled ?? 0
  const ready = seen ? Math.min(status?.updatedNumberScheduled ?? 0, status?.numberAvailable ?? 0) : 0
  return {
    done: seen && ready >= wanted,
    text: seen ? `${ready} of ${wanted} nodes` : 'Kubernetes has not seen the change yet',
  }
}

/** What the kubelet says of the first container that cannot start; empty if none has trouble. */
export function podTrouble(pods: readonly Pod[]): string {
  for (const { metadata, status } of pods) {
    for (const { state } of status?.containerStatuses ?? []) {
      const { reason, message } = state?.waiting ?? {}
      if (reason !== undefined && reason !== 'ContainerCreating' && reason !== 'PodInitializing')
        return `pod ${metadata.name}: ${reason}${message === undefined ? '' : `, ${message}`}`
    }
  }
  return ''
}
