// Who a Sandbox is to the objects that it owns and to requests.

import type { OwnerReference } from '../../kubernetes/resources/meta.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'

export function ownedBy({ apiVersion, kind, metadata }: Sandbox): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }
}

export function routingKeyOf({ metadata, spec }: Sandbox): string {
  return spec.routingKey ?? metadata.name
}

/** The older first; of two that are equally old, the one whose uid sorts first, so that everybody sees the same order. */
export function byAge(
  a: { readonly metadata: Sandbox['metadata'] },
  b: { readonly metadata: Sandbox['metadata'] },
): number {
  return order(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || order(a.metadata.uid, b.metadata.uid)
}

/** Times are RFC 3339 in UTC and whole seconds, which sort as text. */
function order(a = '', b = ''): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
