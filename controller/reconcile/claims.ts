// Which Services each sandbox and group wants for its key: what the others have to know of it.

import { type Claimant, type Lost, lostTo } from '../routing/precedence.ts'
import type { ForkedEndpoints } from '../routing/routes.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import type { Parts } from './parts.ts'
import { type View, markOf, place, split } from '../view/view.ts'
import { groupKeyOf } from '../routing/group.ts'
import { routingKeyOf } from '../sandbox/sandbox-identity.ts'

/** What was made of a sandbox when it was last looked at. */
export interface Claim {
  /** Another one whenever its endpoints are. */
  readonly version: string
  readonly key: string
  readonly services: readonly string[]
  /** Undefined before it was looked at by this process. */
  readonly endpoints: readonly ForkedEndpoints[] | undefined
}

export class Claims {
  readonly #view: View
  /** By the mark of a sandbox, or the place of a group. */
  readonly #sandboxes = new Map<string, Claim>()
  readonly #groups = new Map<string, readonly string[]>()
  /** The marks of the sandboxes that fork a Service, by its place. */
  readonly #forkers = new Map<string, Set<string>>()

  constructor(view: View) {
    this.#view = view
  }

  /** What the statuses say, until each sandbox is looked at: nothing that is in force may be taken for left over. */
  recall(): void {
    for (const sandbox of this.#view.sandboxes.values()) {
      const services = (sandbox.status?.services ?? []).map(({ name }) => name)
      this.#put(markOf(sandbox), { key: routingKeyOf(sandbox), services, version: '', endpoints: undefined })
    }
  }

  of(mark: string): Claim | undefined {
    return this.#sandboxes.get(mark)
  }

  /** Returns the claim before. */
  put(mark: string, claim: Claim | undefined): Claim | undefined {
    const before = this.#sandboxes.get(mark)
    this.#put(mark, claim)
    return before
  }

  putGroup(at: string, services: readonly string[] | undefined): void {
    if (services === undefined) this.#groups.delete(at)
    else this.#groups.set(at, services)
  }

  /** The marks of the sandboxes that fork the Service. */
  forkers(namespace: string, service: string): ReadonlySet<string> {
    return this.#forkers.get(place(namespace, service)) ?? NOBODY
  }

  /** The Services of `claimant` that somebody older has under the same key. */
  lost(claimant: Claimant): readonly Lost[] {
    const at = place(claimant.namespace, claimant.key)
    const others: Claimant[] = []
    for (const sandbox of this.#view.sandboxes.by('key', at)) {
      if (sandbox.metadata.uid === claimant.uid) continue
      const services = this.#sandboxes.get(markOf(sandbox))?.services ?? []
      others.push({ ...identity('Sandbox', sandbox.metadata), key: claimant.key, services })
    }
    for (const group of this.#view.groups.by('key', at)) {
      if (group.metadata.uid === claimant.uid) continue
      const services = this.#groups.get(place(group.metadata.namespace, group.metadata.name)) ?? []
      others.push({ ...identity('RouteGroup', group.metadata), key: groupKeyOf(group), services })
    }
    return others.length === 0 ? [] : lostTo(claimant, others)
  }

  #put(mark: string, claim: Claim | undefined): void {
    const namespace = mark.slice(0, mark.indexOf('/'))
    const before = this.#sandboxes.get(mark)?.services ?? []
    for (const service of before) {
      const at = place(namespace, service)
      const marks = this.#forkers.get(at)
      marks?.delete(mark)
      if (marks?.size === 0) this.#forkers.delete(at)
    }
    if (claim === undefined) {
      this.#sandboxes.delete(mark)
      return
    }
    this.#sandboxes.set(mark, claim)
    for (const service of claim.services) {
      const at = place(namespace, service)
      const marks = this.#forkers.get(at)
      if (marks === undefined) this.#forkers.set(at, new Set([mark]))
      else marks.add(mark)
    }
  }
}

const NOBODY: ReadonlySet<string> = new Set()

export function claimOf(sandbox: Sandbox, endpoints: readonly ForkedEndpoints[]): Claim {
  const version = endpoints.map(({ service, slices, reason, unready }) => [
    ...[service, ...slices].map(({ metadata }) => metadata.resourceVersion),
    reason,
    unready,
  ])
  return {
    key: routingKeyOf(sandbox),
    services: endpoints.map(({ service }) => service.metadata.name),
    version: version.flat().join(' '),
    endpoints,
  }
}

/** Rivals for a key, groups that it is a member of, and the tables of the Services that it forks. */
export function wakeOthers(
  mark: string,
  before: Claim | undefined,
  after: Claim | undefined,
  { view, wake }: Pick<Parts, 'view' | 'wake'>,
): void {
  const { namespace } = split(mark)
  const [old, now] = [before?.services ?? [], after?.services ?? []]
  if (before?.version !== after?.version) {
    for (const group of groupsOf(mark, view)) wake({ kind: 'RouteGroup', place: group })
  }
  if (before?.key === after?.key && old.join(' ') === now.join(' ')) return
  for (const service of new Set([...old, ...now])) {
    if (old.includes(service) !== now.includes(service)) wake({ kind: 'Table', place: place(namespace, service) })
  }
  for (const key of new Set([before?.key, after?.key])) {
    if (key === undefined) continue
    for (const rival of view.sandboxes.by('key', place(namespace, key)))
      if (markOf(rival) !== mark) wake({ kind: 'Sandbox', mark: markOf(rival) })
    for (const { metadata } of view.groups.by('key', place(namespace, key)))
      wake({ kind: 'RouteGroup', place: place(metadata.namespace, metadata.name) })
  }
}

/** The places of groups that a sandbox with this mark is or was a member of. */
function groupsOf(mark: string, view: View): readonly string[] {
  const { namespace } = split(mark)
  const [sandbox] = view.sandboxes.by('mark', mark)
  const name = sandbox?.metadata.name ?? split(mark).name
  const groups = [...view.groups.by('named', place(namespace, name)), ...view.groups.by('matching', namespace)]
  return groups.map(({ metadata }) => place(metadata.namespace, metadata.name))
}

export function identity(
  kind: Claimant['kind'],
  {
    namespace = '',
    name,
    uid = '',
    creationTimestamp = '',
  }: {
    readonly namespace?: string
    readonly name: string
    readonly uid?: string
    readonly creationTimestamp?: string
  },
): Omit<Claimant, 'key' | 'services'> {
  return { kind, namespace, name, uid, created: creationTimestamp }
}
