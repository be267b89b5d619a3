// Everything that may have to be looked at: at the start of a term, and from time to time.

import { isForeign } from '../../kubernetes/route-owner.ts'
import { type View, markOf, marksOf, place } from '../view/view.ts'
import type { Target } from './parts.ts'

/** Also what is left over of sandboxes, groups and Services that are gone. */
export function everything(view: View): readonly Target[] {
  const marks = new Set<string>()
  for (const sandbox of view.sandboxes.values()) marks.add(markOf(sandbox))
  for (const store of [view.deployments, view.statefulSets, view.services, view.policies])
    for (const object of store.values()) for (const mark of marksOf(object)) marks.add(mark)
  const groups = new Set<string>()
  for (const { metadata } of view.groups.values()) groups.add(place(metadata.namespace, metadata.name))
  const foreign = new Set<string>()
  for (const route of view.routes.values()) {
    const { namespace, name, ownerReferences } = route.metadata
    if (isForeign(route.metadata)) foreign.add(place(namespace, name))
    for (const owner of ownerReferences ?? []) {
      if (owner.kind === 'RouteGroup') groups.add(place(namespace, owner.name))
      if (owner.kind === 'Sandbox') for (const mark of marksOf(route)) marks.add(mark)
    }
  }
  const tables = new Set<string>()
  for (const store of [view.services, view.tables]) {
    for (const object of store.values())
      if (marksOf(object).length === 0) tables.add(place(object.metadata.namespace, object.metadata.name))
  }
  return [
    ...[...tables].map((at): Target => ({ kind: 'Table', place: at })),
    ...[...marks].map((mark): Target => ({ kind: 'Sandbox', mark })),
    ...[...groups].map((at): Target => ({ kind: 'RouteGroup', place: at })),
    ...[...foreign].map((at): Target => ({ kind: 'Route', place: at })),
  ]
}
