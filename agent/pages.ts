// What the admin server shows of routes and sidecars.

import type { Hub } from './hub.ts'

/** Every sidecar's services with their routes, as they are to be in force. */
export function tablesPage(hub: Hub): unknown {
  return hub.sidecars.map((sidecar) => {
    const entries = hub.entries(sidecar)
    const services = entries
      .filter((entry) => entry.kind === 'destination')
      .map(({ service, listen, baseline, protocol, tables }) => ({
        service,
        listen,
        baseline,
        protocol,
        routes: entries.filter((entry) => entry.kind === 'route' && tables.includes(entry.table)),
      }))
    return { sidecar, services }
  })
}

/** Every sidecar's last report, and whether it has confirmed what it was sent. */
export function sidecarsPage(hub: Hub): unknown {
  return hub.sidecars.map((sidecar) => {
    const link = hub.link(sidecar)
    if (link === undefined) return { sidecar, connected: false }
    const { version, pid } = link.hello
    return {
      sidecar,
      connected: true,
      version,
      pid,
      upToDate: link.upToDate,
      appliedRevision: link.appliedRevision,
      ...link.state,
    }
  })
}
