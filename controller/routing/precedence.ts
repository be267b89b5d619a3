// Who has a routing key's requests for a Service when several want them.

/** A Sandbox or a RouteGroup that wants the requests of a key. */
export interface Claimant {
  readonly kind: 'Sandbox' | 'RouteGroup'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** RFC 3339, in UTC and whole seconds. */
  readonly created: string
  readonly key: string
  /** The Services, in its own namespace. */
  readonly services: readonly string[]
}

export interface Lost {
  readonly service: string
  readonly to: Pick<Claimant, 'kind' | 'name'>
}

/** The Services that somebody older has under the same key. Routes lead within a namespace, so claims meet there only. */
export function lostTo(claimant: Claimant, others: readonly Claimant[]): readonly Lost[] {
  const rivals = others
    .filter(
      ({ namespace, key, uid }) => namespace === claimant.namespace && key === claimant.key && uid !== claimant.uid,
    )
    .filter((other) => isOlder(other, claimant))
    .toSorted((a, b) => (isOlder(a, b) ? -1 : 1))
  return claimant.services.flatMap((service) => {
    const to = rivals.find(({ services }) => services.includes(service))
    return to === undefined ? [] : [{ service, to: { kind: to.kind, name: to.name } }]
  })
}

/** The members of a group in order of precedence: those that are named, then those whose labels match, the oldest first. */
export function groupOrder(
  named: readonly string[],
  matched: readonly Pick<Claimant, 'name' | 'created' | 'uid'>[],
): readonly string[] {
  const byAge = matched.toSorted((a, b) => (isOlder(a, b) ? -1 : 1)).map(({ name }) => name)
  return [...new Set([...named, ...byAge])]
}

/** For each Service that a member forks, the first member that does. */
export function groupMembers(
  members: readonly { readonly name: string; readonly services: readonly string[] }[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { name, services } of members) {
    for (const service of services) if (!found.has(service)) found.set(service, name)
  }
  return found
}

/** The uid decides between two of the same second, so that everybody decides alike. */
function isOlder(a: Pick<Claimant, 'created' | 'uid'>, b: Pick<Claimant, 'created' | 'uid'>): boolean {
  return a.created === b.created ? a.uid < b.uid : a.created < b.created
}
