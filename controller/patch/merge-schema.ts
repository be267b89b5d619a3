// Which lists of a pod template a strategic merge patch merges, and by which field of their items; every other list is replaced.

export interface MergeSchema {
  readonly [field: string]: MergedField
}

export interface MergedField {
  /** A list whose items are merged: objects with the same value of `key`, or, without one, plain values of which each is there once. */
  readonly list?: { readonly key?: string }
  /** The object's fields, or those of the list's items. */
  readonly fields?: MergeSchema
}

/** `patchStrategy` and `patchMergeKey` of metav1.ObjectMeta. */
const METADATA: MergeSchema = {
  ownerReferences: { list: { key: 'uid' } },
  finalizers: { list: {} },
}

const CONTAINER: MergeSchema = {
  ports: { list: { key: 'containerPort' } },
  env: { list: { key: 'name' } },
  volumeMounts: { list: { key: 'mountPath' } },
  volumeDevices: { list: { key: 'devicePath' } },
}

const VOLUME: MergeSchema = {
  ephemeral: { fields: { volumeClaimTemplate: { fields: { metadata: { fields: METADATA } } } } },
}

const POD_SPEC: MergeSchema = {
  volumes: { list: { key: 'name' }, fields: VOLUME },
  containers: { list: { key: 'name' }, fields: CONTAINER },
  initContainers: { list: { key: 'name' }, fields: CONTAINER },
  imagePullSecrets: { list: { key: 'name' } },
  hostAliases: { list: { key: 'ip' } },
  topologySpreadConstraints: { list: { key: 'topologyKey' } },
  schedulingGates: { list: { key: 'name' } },
  resourceClaims: { list: { key: 'name' } },
}

/** The struct tags of corev1.PodTemplateSpec in Kubernetes 1.34. */
export const POD_TEMPLATE: MergeSchema = {
  metadata: { fields: METADATA },
  spec: { fields: POD_SPEC },
}
