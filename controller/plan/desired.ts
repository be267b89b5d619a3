// An object as the controller wants it: exactly the fields that it applies.

import type { KubernetesObject, OwnerReference } from '../../kubernetes/resources/meta.ts'

/** Kinds that the controller makes. */
export type OwnedKind = 'Deployment' | 'StatefulSet' | 'Service' | 'NetworkPolicy' | 'RoutingTable' | 'Route'

export interface Desired {
  readonly kind: OwnedKind
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences: readonly OwnerReference[]
  }
  readonly spec: object
}

/** An object that is there. */
export interface Observed extends KubernetesObject {
  readonly spec?: object | undefined
}
