// What is kept of each kind of object, and nothing else: 5,000 sandboxes have to fit into memory.

import { FORK_OF_LABEL, SANDBOX_LABEL } from '../../core/fork-marks.ts'
import type { LabelSelector, Labels } from '../../kubernetes/label-selector.ts'
import type {
  Deployment,
  EndpointSlice,
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  StatefulSet,
} from '../../kubernetes/resources/builtin.ts'
import type { Condition, KubernetesObject, ObjectMeta } from '../../kubernetes/resources/meta.ts'
import type { Rollout } from '../../kubernetes/resources/rollout.ts'
import type { RouteGroup } from '../../kubernetes/resources/route-group.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { VERSION_ANNOTATION } from '../sandbox/fork-state.ts'
import { Packed, keptMetadata } from './packed.ts'

type Meta = Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'resourceVersion'>

export interface KeptNode {
  readonly metadata: Meta
  readonly ready: boolean
  readonly addresses: readonly string[]
}

export interface KeptNamespace {
  readonly metadata: Meta & { readonly labels: Labels }
}

export interface KeptAgent {
  readonly metadata: Meta
  /** Where it is; none before it is scheduled, and once it has ended. */
  readonly node: string | undefined
  readonly running: boolean
}

export interface KeptScaler {
  readonly metadata: Meta
  /** `Deployment/cart`. */
  readonly target: string
}

export interface KeptBudget {
  readonly metadata: Meta
  readonly selector: LabelSelector
}

/** A workload, and how far its controller is with it. */
export class KeptWorkload<T extends Deployment | StatefulSet | Rollout> extends Packed<T> {
  readonly observedGeneration: number
  /** The message of `ReplicaFailure`, where it is True. */
  readonly failure: string | undefined

  constructor(object: T, conditions: readonly Pick<Condition, 'type' | 'status' | 'message'>[] = []) {
    super(object)
    this.observedGeneration = Number(object.status?.observedGeneration ?? 0)
    this.failure = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message
  }
}

export class KeptRoute extends Packed<Route> {
  /** Only of those that a person wrote: the others have none. */
  readonly status: Route['status']

  constructor(object: Route) {
    super(object)
    this.status = object.status
  }
}

export const keepDeployment = (object: Deployment) =>
  new KeptWorkload(
    object,
    object.status?.conditions?.map(({ type, status, message = '' }) => ({
      type,
      status: status === 'True' ? 'True' : 'False',
      message,
    })),
  )
export const keepStatefulSet = (object: StatefulSet) => new KeptWorkload(object)
export const keepRollout = (object: Rollout) => new KeptWorkload(object)
export const keepRoute = (object: Route) => new KeptRoute(object)

export function keepPacked<T extends KubernetesObject & { readonly spec?: unknown }>(object: T): Packed<T> {
  return new Packed(object)
}

export function keepWhole<T extends Sandbox | RouteGroup>(object: T): T {
  return { ...object, metadata: keptMetadata(object.metadata) }
}

export function keepNode({ metadata, status }: Node): KeptNode {
  return {
    metadata: meta(metadata),
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    addresses: (status?.addresses ?? []).filter(({ type }) => type.endsWith('IP')).map(({ address }) => address),
  }
}

export function keepNamespace({ metadata }: Namespace): KeptNamespace {
  return { metadata: { ...meta(metadata), labels: metadata.labels ?? {} } }
}

export function keepAgent({ metadata, spec, status }: Pod): KeptAgent {
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return { metadata: meta(metadata), node: ended ? undefined : spec?.nodeName, running: status?.phase === 'Running' }
}

export function keepScaler({ metadata, spec }: HorizontalPodAutoscaler): KeptScaler {
  const { kind, name } = spec?.scaleTargetRef ?? { kind: '', name: '' }
  return { metadata: meta(metadata), target: `${kind}/${name}` }
}

export function keepBudget({ metadata, spec }: PodDisruptionBudget): KeptBudget {
  return { metadata: meta(metadata), selector: spec?.selector ?? { matchExpressions: [NOTHING] } }
}

/** A fork's pod, as far as `podTrouble` and `forkState` look at it. */
export function keepPod({ apiVersion, kind, metadata, status }: Pod): Pod {
  const { deletionTimestamp, labels = {}, annotations = {}, creationTimestamp } = metadata
  const version = annotations[VERSION_ANNOTATION]
  const { phase, reason, message, podIPs, conditions, initContainerStatuses, containerStatuses } = status ?? {}
  const told = conditions?.filter(({ type }) => type === 'Ready' || type === 'PodScheduled')
  return {
    apiVersion,
    kind,
    metadata: {
      ...meta(metadata),
      labels: { [SANDBOX_LABEL]: labels[SANDBOX_LABEL] ?? '', [FORK_OF_LABEL]: labels[FORK_OF_LABEL] ?? '' },
      ...(version === undefined ? {} : { annotations: { [VERSION_ANNOTATION]: version } }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    status: {
      ...(phase === undefined ? {} : { phase }),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(podIPs === undefined ? {} : { podIPs }),
      ...(told === undefined ? {} : { conditions: told }),
      ...(initContainerStatuses === undefined ? {} : { initContainerStatuses: initContainerStatuses.map(keptStatus) }),
      ...(containerStatuses === undefined ? {} : { containerStatuses: containerStatuses.map(keptStatus) }),
    },
  }
}

/** Of a fork's own Service. */
export function keepSlice({ apiVersion, kind, metadata, addressType, endpoints, ports }: EndpointSlice): EndpointSlice {
  return {
    apiVersion,
    kind,
    metadata: { ...meta(metadata), labels: metadata.labels ?? {} },
    addressType,
    endpoints: (endpoints ?? []).map(({ addresses, conditions, targetRef }) => ({
      addresses,
      ...(conditions === undefined ? {} : { conditions }),
      ...(targetRef?.name === undefined || targetRef.uid === undefined
        ? {}
        : { targetRef: { name: targetRef.name, uid: targetRef.uid } }),
    })),
    ...(ports === undefined ? {} : { ports }),
  }
}

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

function keptStatus({ name, image, ready, started, restartCount, state, lastState }: Status): Status {
  return {
    name,
    image,
    imageID: '',
    ready,
    restartCount,
    ...(started === undefined ? {} : { started }),
    ...(state === undefined ? {} : { state }),
    ...(lastState === undefined ? {} : { lastState }),
  }
}

/** A budget without a selector selects no pods. */
const NOTHING = { key: '', operator: 'none' }

function meta({ name, namespace, uid, resourceVersion }: ObjectMeta): Meta {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}
