// A resource is a kind of object as the API server serves it: where it lives, and the type of its objects.

import type { KubernetesObject } from './resources/meta.ts'

export interface Resource<T extends KubernetesObject> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** As in the path: `routingtables`. */
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Never there: carries the type of the objects. */
  readonly objects?: T
}

/** What tells one object from all others of its resource. */
export interface ObjectName {
  /** None for objects of the cluster. */
  readonly namespace?: string | undefined
  readonly name: string
}

export interface Selection {
  /** One namespace; all of them if not given. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export function apiVersion(resource: Pick<Resource<KubernetesObject>, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** `pods`, `routes.sidetrack.dev`: as people and RBAC write it. */
export function resourceName(resource: Pick<Resource<KubernetesObject>, 'group' | 'plural'>): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}

/** The path of a collection, of an object in it, or of an object's subresource. */
export function resourcePath(
  resource: Omit<Resource<KubernetesObject>, 'objects'>,
  at: Partial<ObjectName> = {},
  subresource?: string,
): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const namespace =
    resource.namespaced && at.namespace !== undefined ? `/namespaces/${encodeURIComponent(at.namespace)}` : ''
  const name = at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`
  return `${root}${namespace}/${resource.plural}${name}${subresource === undefined ? '' : `/${subresource}`}`
}

/** `?a=1&b=2`, what is undefined left out; empty if nothing is left. */
export function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
