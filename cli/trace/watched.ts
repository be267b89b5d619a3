// Whether the pods that a request reached have a sidecar: what a pod without one sends on is not seen.

import { parseAddress } from '../../core/address.ts'
import { INJECTED } from '../../core/annotations.ts'
import type { HopLine } from '../../core/hop-line.ts'
import type { Client } from '../../kubernetes/client.ts'
import { type Pod, PODS, SERVICES } from '../../kubernetes/resources/builtin.ts'
import { seen } from '../explain/look.ts'
import type { Watched } from './ends.ts'

/** Looks at the namespaces of the Services that were called; at those that may not be seen nothing is known. */
export async function watchedPods(client: Client, lines: readonly HopLine[], signal: AbortSignal): Promise<Watched> {
  const namespaces = [...new Set(lines.map(({ hop }) => namespaceOf(hop.service)))]
  const found = await Promise.all(
    namespaces.map(async (namespace) => {
      const [pods, services] = await Promise.all([
        seen(client.list(PODS, { namespace }, signal)),
        seen(client.list(SERVICES, { namespace }, signal)),
      ])
      return [namespace, { pods: pods?.items, services: services?.items }] as const
    }),
  )
  const all = new Map(found)
  return ({ hop }) => {
    const here = all.get(namespaceOf(hop.service))
    if (here?.pods === undefined) return undefined
    const at = here.pods.filter(
      ({ status }) => status?.podIPs?.some(({ ip }) => ip !== undefined && hostOf(hop.to) === ip) === true,
    )
    if (at.length > 0) return at.every(hasSidecar)
    const selector = here.services?.find(
      ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}` === hop.service,
    )?.spec?.selector
    if (selector === undefined) return undefined
    const behind = here.pods.filter(({ metadata }) =>
      Object.entries(selector).every(([label, value]) => metadata.labels?.[label] === value),
    )
    return behind.length === 0 ? undefined : behind.every(hasSidecar)
  }
}

function hasSidecar({ metadata }: Pod): boolean {
  return metadata.annotations?.[INJECTED] !== undefined
}

/** `10.88.1.7:8080` → `10.88.1.7`. */
function hostOf(address: string): string {
  return parseAddress(address)?.host ?? ''
}

function namespaceOf(service: string): string {
  return service.slice(0, Math.max(0, service.indexOf('/')))
}
