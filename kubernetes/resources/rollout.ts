// Rollout: the workload of Argo Rollouts, as far as Sidetrack looks at it.

import type { Resource } from '../resource.ts'
import type { Deployment } from './builtin.ts'
import type { KubernetesObject } from './meta.ts'

type DeploymentSpec = NonNullable<Deployment['spec']>

/** https://argoproj.github.io/argo-rollouts/features/specification/ */
export interface Rollout extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: DeploymentSpec['selector']
    /** Either the template itself, or the Deployment whose template it uses. */
    readonly template?: DeploymentSpec['template']
    readonly workloadRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string }
    readonly paused?: boolean
  }
  readonly status?: {
    readonly phase?: string
    readonly message?: string
    readonly observedGeneration?: string
    readonly availableReplicas?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
    readonly replicas?: number
  }
}

export const ROLLOUTS: Resource<Rollout> = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'rollouts',
  kind: 'Rollout',
  namespaced: true,
}
