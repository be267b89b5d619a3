// An object as it is kept in memory: what is looked at often as it is, its spec as text, a fifth of the size of a parsed one.

import type { KubernetesObject, ObjectMeta } from '../../kubernetes/resources/meta.ts'

type Marks = Readonly<Record<string, string>>

/** A copy of the whole object, which nobody here reads and which is as large as the rest. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

export class Packed<T extends KubernetesObject & { readonly spec?: unknown }> implements KubernetesObject {
  readonly apiVersion: string
  readonly kind: T['kind']
  readonly metadata: ObjectMeta
  /** The spec as JSON: two that differ are told apart without parsing them. */
  readonly text: string

  constructor(object: T) {
    this.apiVersion = object.apiVersion
    this.kind = object.kind
    this.metadata = keptMetadata(object.metadata)
    this.text = JSON.stringify(object.spec) ?? 'null'
  }

  /** Parsed each time. */
  get spec(): T['spec'] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what the constructor was given
    return (JSON.parse(this.text) as T['spec'] | null) ?? undefined
  }

  /** Without its status. */
  unpacked(): T {
    const { apiVersion, kind, metadata, spec } = this
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a status is optional, and the rest is what the constructor was given
    return { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) } as unknown as T
  }
}

export function keptMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, generation, resourceVersion, creationTimestamp, deletionTimestamp } = metadata
  const { labels, annotations, ownerReferences } = metadata
  const marks = annotations === undefined ? undefined : withoutLastApplied(annotations)
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(generation === undefined ? {} : { generation }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(labels === undefined ? {} : { labels }),
    ...(marks === undefined ? {} : { annotations: marks }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
}

/** Whether what people wrote is the same: not the status, nor what counts the writes. */
export function isSameIntent(
  one: Packed<KubernetesObject & { spec?: unknown }>,
  other: Packed<KubernetesObject & { spec?: unknown }>,
): boolean {
  return (
    one.text === other.text &&
    sameMarks(one.metadata.labels, other.metadata.labels) &&
    sameMarks(one.metadata.annotations, other.metadata.annotations) &&
    one.metadata.deletionTimestamp === other.metadata.deletionTimestamp
  )
}

export function sameMarks(one: Marks = {}, other: Marks = {}): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}

function withoutLastApplied(annotations: Marks): Marks {
  if (!(LAST_APPLIED in annotations)) return annotations
  const { [LAST_APPLIED]: _, ...rest } = annotations
  return rest
}
