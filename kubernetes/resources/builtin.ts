// The resources of Kubernetes itself that Sidetrack reads or writes, with the types of the official client.

import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node/dist/gen/models/V1MutatingWebhookConfiguration.js'
import type { EventsV1Event } from '@kubernetes/client-node/dist/gen/models/EventsV1Event.js'
import type { V1ConfigMap } from '@kubernetes/client-node/dist/gen/models/V1ConfigMap.js'
import type { V1Deployment } from '@kubernetes/client-node/dist/gen/models/V1Deployment.js'
import type { V1EndpointSlice } from '@kubernetes/client-node/dist/gen/models/V1EndpointSlice.js'
import type { V1HorizontalPodAutoscaler } from '@kubernetes/client-node/dist/gen/models/V1HorizontalPodAutoscaler.js'
import type { V1Lease } from '@kubernetes/client-node/dist/gen/models/V1Lease.js'
import type { V1Namespace } from '@kubernetes/client-node/dist/gen/models/V1Namespace.js'
import type { V1NetworkPolicy } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicy.js'
import type { V1Node } from '@kubernetes/client-node/dist/gen/models/V1Node.js'
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolumeClaim.js'
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js'
import type { V1PodDisruptionBudget } from '@kubernetes/client-node/dist/gen/models/V1PodDisruptionBudget.js'
import type { V1ReplicaSet } from '@kubernetes/client-node/dist/gen/models/V1ReplicaSet.js'
import type { V1Secret } from '@kubernetes/client-node/dist/gen/models/V1Secret.js'
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js'
import type { V1StatefulSet } from '@kubernetes/client-node/dist/gen/models/V1StatefulSet.js'
import type { Resource } from '../resource.ts'
import type { KubernetesObject } from './meta.ts'

/** The official client's type as it is in JSON: times are text, and names that JavaScript reserves lose their underscore. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Json<E>[]
    : T extends object
      ? { readonly [K in keyof T as K extends `_${infer Name}` ? Name : K]: Json<T[K]> }
      : T

export type ObjectOf<T> = Omit<Json<T>, 'apiVersion' | 'kind' | 'metadata'> & KubernetesObject

export type Pod = ObjectOf<V1Pod>
export type Service = ObjectOf<V1Service>
export type EndpointSlice = ObjectOf<V1EndpointSlice>
export type Deployment = ObjectOf<V1Deployment>
export type StatefulSet = ObjectOf<V1StatefulSet>
export type ReplicaSet = ObjectOf<V1ReplicaSet>
export type NetworkPolicy = ObjectOf<V1NetworkPolicy>
export type Secret = ObjectOf<V1Secret>
export type ConfigMap = ObjectOf<V1ConfigMap>
export type Node = ObjectOf<V1Node>
export type Namespace = ObjectOf<V1Namespace>
export type Lease = ObjectOf<V1Lease>
export type Event = ObjectOf<EventsV1Event>
export type HorizontalPodAutoscaler = ObjectOf<V1HorizontalPodAutoscaler>
export type PodDisruptionBudget = ObjectOf<V1PodDisruptionBudget>
export type PersistentVolumeClaim = ObjectOf<V1PersistentVolumeClaim>
export type MutatingWebhookConfiguration = ObjectOf<V1MutatingWebhookConfiguration>

export const PODS: Resource<Pod> = core('Pod', 'pods')
export const SERVICES: Resource<Service> = core('Service', 'services')
export const SECRETS: Resource<Secret> = core('Secret', 'secrets')
export const CONFIG_MAPS: Resource<ConfigMap> = core('ConfigMap', 'configmaps')
export const NODES: Resource<Node> = { ...core('Node', 'nodes'), namespaced: false }
export const NAMESPACES: Resource<Namespace> = { ...core('Namespace', 'namespaces'), namespaced: false }
export const DEPLOYMENTS: Resource<Deployment> = v1('apps', 'Deployment', 'deployments')
export const STATEFUL_SETS: Resource<StatefulSet> = v1('apps', 'StatefulSet', 'statefulsets')
export const REPLICA_SETS: Resource<ReplicaSet> = v1('apps', 'ReplicaSet', 'replicasets')
export const ENDPOINT_SLICES: Resource<EndpointSlice> = v1('discovery.k8s.io', 'EndpointSlice', 'endpointslices')
export const NETWORK_POLICIES: Resource<NetworkPolicy> = v1('networking.k8s.io', 'NetworkPolicy', 'networkpolicies')
export const LEASES: Resource<Lease> = v1('coordination.k8s.io', 'Lease', 'leases')
export const EVENTS: Resource<Event> = v1('events.k8s.io', 'Event', 'events')
export const PERSISTENT_VOLUME_CLAIMS: Resource<PersistentVolumeClaim> = core(
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
)
export const POD_DISRUPTION_BUDGETS: Resource<PodDisruptionBudget> = v1(
  'policy',
  'PodDisruptionBudget',
  'poddisruptionbudgets',
)
export const HORIZONTAL_POD_AUTOSCALERS: Resource<HorizontalPodAutoscaler> = v1(
  'autoscaling',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
)
export const MUTATING_WEBHOOK_CONFIGURATIONS: Resource<MutatingWebhookConfiguration> = {
  ...v1('admissionregistration.k8s.io', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'),
  namespaced: false,
}

function core(kind: string, plural: string) {
  return v1('', kind, plural)
}

function v1(group: string, kind: string, plural: string) {
  return { group, version: 'v1', plural, kind, namespaced: true } as const
}
