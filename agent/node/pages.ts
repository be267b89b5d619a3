// What the admin server shows of a node: tables once, as all sidecars hold them together, and what is different in single pods.

import type { Hub } from '../hub.ts'
import type { PodKeeper } from './pod-keeper.ts'

/** Every destination with its routes. */
export function tablesOfNode(hub: Hub): unknown {
  const routes = Map.groupBy(
    [...hub.layer('routes').values()].filter((entry) => entry.kind === 'route'),
    ({ table }) => table,
  )
  const services = [...hub.layer('services').values()]
    .filter((entry) => entry.kind === 'destination')
    .map(({ service, listen, baseline, protocol, tables }) => ({ service, baseline, listen, protocol, tables }))
  return { services, routes: Object.fromEntries(routes) }
}

/** Every pod with a sidecar: how far it is, and its sidecar's last report. */
export function podsOfNode(keepers: Iterable<PodKeeper>): unknown {
  return [...keepers].map(({ name, state: { waiting, trouble, fault }, link }) => ({
    pod: name,
    waiting,
    trouble,
    fault,
    connected: link !== undefined,
    version: link?.hello.version,
    pid: link?.hello.pid,
    upToDate: link?.upToDate,
    appliedRevision: link?.appliedRevision,
    redirected: link?.told,
    silentMs: link === undefined ? undefined : Math.round(link.silentMs),
    state: link?.state,
  }))
}
