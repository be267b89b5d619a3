// The templates that pods are made from, with the types of the official client.

import type { V1Container } from '@kubernetes/client-node/dist/gen/models/V1Container.js'
import type { V1EnvVar } from '@kubernetes/client-node/dist/gen/models/V1EnvVar.js'
import type { V1PodSpec } from '@kubernetes/client-node/dist/gen/models/V1PodSpec.js'
import type { Json } from './builtin.ts'

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: PodSpec
}

export type PodSpec = Json<V1PodSpec>
export type Container = Json<V1Container>
export type EnvVar = Json<V1EnvVar>
