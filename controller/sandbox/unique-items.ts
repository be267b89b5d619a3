// Server-side apply refuses lists in which two items have the same key, which objects written in other ways may have.

import type { Container, PodSpec } from '../../kubernetes/resources/pod-template.ts'
import type { Warning } from './finding.ts'
import { mapContainers } from './container-changes.ts'

type Port = NonNullable<Container['ports']>[number]

/** The pod as the kubelet reads it: of two variables the last counts; of two ports with one number and protocol the first is kept. */
export function uniqueItems(spec: PodSpec): { readonly spec: PodSpec; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = []
  const unique = mapContainers(spec, (container) => {
    const { env, ports } = container
    const kept = ports === undefined ? undefined : uniquePorts(ports)
    for (const lost of ports ?? []) {
      if (kept?.includes(lost) !== false || lost.name === undefined) continue
      const message = `Container ${container.name} declares port ${lost.containerPort} twice; the fork lacks its name ${lost.name}.`
      warnings.push({ reason: 'PortDeclaredTwice', message })
    }
    return {
      ...container,
      ...(env === undefined ? {} : { env: [...new Map(env.map((each) => [each.name, each])).values()] }),
      ...(kept === undefined ? {} : { ports: kept }),
    }
  })
  const { hostAliases } = spec
  if (hostAliases === undefined) return { spec: unique, warnings }
  const aliases = Map.groupBy(hostAliases, ({ ip }) => ip)
  const merged = [...aliases].map(([ip, all]) => ({
    ip,
    hostnames: [...new Set(all.flatMap((each) => each.hostnames ?? []))],
  }))
  return { spec: { ...unique, hostAliases: merged }, warnings }
}

function uniquePorts(ports: readonly Port[]): readonly Port[] {
  const found = new Map<string, Port>()
  for (const port of ports) {
    const key = `${port.containerPort}/${port.protocol ?? 'TCP'}`
    const other = found.get(key)
    // One with a name is of more use: a Service may refer to it.
    if (other === undefined || (other.name === undefined && port.name !== undefined)) found.set(key, port)
  }
  return [...found.values()]
}
