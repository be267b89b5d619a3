// Finds the sandboxes, tables, groups and routes that a change may be about.

import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { RouteGroup } from '../../kubernetes/resources/route-group.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Change } from '../../kubernetes/store.ts'
import { groupKeyOf } from '../routing/group.ts'
import type { KeptRoute } from '../view/kept.ts'
import type { Neighbourhoods } from '../view/neighbourhoods.ts'
import { type View, markOf, marksOf, place } from '../view/view.ts'
import type { Claims } from './claims.ts'
import type { Target } from './parts.ts'

export interface WakerParts {
  readonly view: View
  readonly around: Neighbourhoods
  readonly claims: Claims
  readonly wake: (target: Target) => void
  /** The same for what can wait. */
  readonly wakeLater: (target: Target) => void
}

export class Waker {
  readonly #parts: WakerParts

  constructor(parts: WakerParts) {
    this.#parts = parts
  }

  sandboxChanged(sandbox: Sandbox, gone: boolean): void {
    const { view, wake } = this.#parts
    const { namespace = '', name } = sandbox.metadata
    wake({ kind: 'Sandbox', mark: markOf(sandbox) })
    for (const group of [...view.groups.by('named', place(namespace, name)), ...view.groups.by('matching', namespace)])
      wake({ kind: 'RouteGroup', place: place(namespace, group.metadata.name) })
    if (!gone) return
    for (const other of view.sandboxes.values(namespace)) {
      const waits = other.status?.conditions?.some(({ reason }) => reason === 'TooManySandboxes') === true
      if (waits) wake({ kind: 'Sandbox', mark: markOf(other) })
    }
  }

  groupChanged(group: RouteGroup): void {
    const { view, wake } = this.#parts
    const { namespace, name } = group.metadata
    wake({ kind: 'RouteGroup', place: place(namespace, name) })
    for (const rival of view.sandboxes.by('key', place(namespace, groupKeyOf(group))))
      wake({ kind: 'Sandbox', mark: markOf(rival) })
  }

  /** True if the object is part of a sandbox, which is looked at then. */
  belonging({ before, after }: Change<Pick<KubernetesObject, 'metadata'>>): boolean {
    const marks = new Set([before, after].flatMap((each) => (each === undefined ? [] : marksOf(each))))
    for (const mark of marks) this.#parts.wake({ kind: 'Sandbox', mark })
    return marks.size > 0
  }

  /** Something of the namespace that its sandboxes are derived from, other than their own baselines. */
  surroundings(namespace: string): void {
    const { view, around, wakeLater } = this.#parts
    around.forget(namespace)
    for (const sandbox of view.sandboxes.values(namespace)) wakeLater({ kind: 'Sandbox', mark: markOf(sandbox) })
  }

  tables(namespace: string): void {
    const { view, wakeLater } = this.#parts
    for (const { metadata } of view.services.by('theirs', namespace))
      wakeLater({ kind: 'Table', place: place(namespace, metadata.name) })
  }

  routeChanged({ metadata: { namespace, ownerReferences = [] }, metadata }: KeptRoute): void {
    for (const { kind, name } of ownerReferences) {
      if (kind === 'RouteGroup') this.#parts.wake({ kind, place: place(namespace, name) })
      if (kind === 'Sandbox') this.belonging({ before: undefined, after: { metadata } })
    }
  }

  foreignRoute(route: KeptRoute): void {
    this.#parts.wake({ kind: 'Route', place: place(route.metadata.namespace, route.metadata.name) })
  }

  foreignRoutes(namespace: string): void {
    const { view, wakeLater } = this.#parts
    for (const { metadata } of view.routes.by('foreign', namespace))
      wakeLater({ kind: 'Route', place: place(namespace, metadata.name) })
  }
}
