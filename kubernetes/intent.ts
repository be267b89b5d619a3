// What a client wants to be written, by verb: the shapes of the bodies.

import type { ObjectName } from './resource.ts'
import type { KubernetesObject } from './resources/meta.ts'

/** The object with every field optional, lists as a whole. */
export type Partially<T> = T extends readonly (infer E)[]
  ? readonly Partially<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
    : T

/** The object, where what is optional may be undefined too: JSON leaves it out. */
export type Loosely<T> = T extends readonly (infer E)[]
  ? readonly Loosely<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Pick<T, K> extends Required<Pick<T, K>> ? Loosely<T[K]> : Loosely<T[K]> | undefined }
    : T

/** An apply says which fields this manager wants to have, and nothing else. */
export type Applied<T> = Partially<Omit<T, 'metadata' | 'apiVersion' | 'kind' | 'status'>> & {
  readonly metadata: Partially<KubernetesObject['metadata']> & ObjectName
}

/** An apply to the status subresource. */
export interface AppliedStatus<T> {
  readonly metadata: ObjectName
  readonly status: T extends { readonly status?: infer S } ? Partially<NonNullable<S>> : never
}

/** A merge patch (RFC 7386): null takes a field away, lists are replaced. */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: MergePatch<T[K]> | null }
    : T

/** What to create: the resource says the kind; the server may make the name from `generateName`. */
export type Created<T> = Loosely<Omit<T, 'apiVersion' | 'kind' | 'metadata'>> & {
  readonly metadata: Loosely<Omit<KubernetesObject['metadata'], 'name'>> & {
    readonly name?: string | undefined
    readonly generateName?: string | undefined
  }
}

export interface Deletion {
  /** Nothing is deleted unless the object has this uid and this resourceVersion. */
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined
  readonly gracePeriodSeconds?: number | undefined
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/ */
export function deleteOptions({ uid, resourceVersion, propagationPolicy, gracePeriodSeconds }: Deletion): object {
  const conditional = uid !== undefined || resourceVersion !== undefined
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy,
    gracePeriodSeconds,
    preconditions: conditional ? { uid, resourceVersion } : undefined,
  }
}
