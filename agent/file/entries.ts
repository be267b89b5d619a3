// From a routes file to what each sidecar is to hold.

import { formatAddress } from '../../core/address.ts'
import { routeToText } from '../../core/route.ts'
import { type Entry, entryName } from '../../core/wire.ts'
import type { RoutesFile } from './routes-file.ts'

/** The entries of each sidecar that the file names, by name. */
export function entriesOf(file: RoutesFile): ReadonlyMap<string, ReadonlyMap<string, Entry>> {
  const keys = new Set(file.services.flatMap((service) => service.routes.map((route) => route.key)))
  const sidecars = new Map<string, Map<string, Entry>>()
  const routed = new Map<string, Set<string>>()
  for (const service of file.services) {
    let entries = sidecars.get(service.sidecar)
    if (entries === undefined) {
      sidecars.set(service.sidecar, (entries = new Map()))
      const ownKey = file.ownKeys.get(service.sidecar)
      if (ownKey !== undefined) add(entries, { kind: 'own-key', key: ownKey })
    }
    add(entries, {
      kind: 'destination',
      listen: formatAddress(service.listen),
      service: service.name,
      baseline: formatAddress(service.baseline),
      protocol: service.protocol,
      tables: [service.name],
    })
    const here = routed.get(service.sidecar) ?? new Set()
    routed.set(service.sidecar, here)
    for (const route of service.routes) {
      add(entries, { kind: 'route', table: service.name, ...routeToText(route) })
      here.add(route.key)
    }
  }
  // A key that has a route in the sidecar is live by that.
  for (const [sidecar, entries] of sidecars) {
    for (const key of keys.difference(routed.get(sidecar) ?? new Set())) add(entries, { kind: 'key', key })
  }
  return sidecars
}

function add(entries: Map<string, Entry>, entry: Entry): void {
  entries.set(entryName(entry), entry)
}
