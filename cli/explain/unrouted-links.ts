// Services that look as if they led to the forks and are never routed, and ports of those that are that no request is routed on.

import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import type { Service } from '../../kubernetes/resources/builtin.ts'
import { type Link, broken, warned } from './link.ts'
import type { World } from './world.ts'

export function unroutedLinks({ sandbox, services = [], tables }: World): readonly Link[] {
  const names = new Set(sandbox.spec.forks.map(({ of }) => of.name))
  const routed = new Set((sandbox.status?.services ?? []).map(({ name }) => name))
  const own = services.filter(({ metadata }) => metadata.labels?.[SANDBOX_LABEL] === undefined)
  const blind = own.filter((service) => !routed.has(service.metadata.name) && leadsTo(service, names, routed))
  return [
    ...blind.flatMap((service) => blindLink(service) ?? []),
    ...own.filter(({ metadata }) => routed.has(metadata.name)).flatMap((service) => portLinks(service, tables)),
  ]
}

/** By its name, or by the name that it stands for: it has no selector that would say. */
function leadsTo({ metadata, spec }: Service, workloads: ReadonlySet<string>, routed: ReadonlySet<string>): boolean {
  if (workloads.has(metadata.name)) return true
  const [target = ''] = (spec?.externalName ?? '').split('.')
  return workloads.has(target) || routed.has(target)
}

function blindLink({ metadata: { name }, spec }: Service): Link | undefined {
  if (spec?.type === 'ExternalName')
    return broken(
      `Service ${name} is of type ExternalName, a mere name in DNS (${spec.externalName ?? ''}): calls to it are never routed`,
      `have callers call the Service behind it, or make ${name} one with a selector`,
    )
  if (spec?.selector === undefined || Object.keys(spec.selector).length === 0)
    return broken(
      `Service ${name} has no selector, so nobody knows which workload it leads to: calls to it are never routed`,
      `give it the labels of the pods: kubectl edit service ${name}`,
    )
  return broken(
    `Service ${name} does not select the pods of ${name}, so it does not lead to its fork either`,
    `compare: kubectl get service ${name} -o wide; kubectl get deploy ${name} -o wide`,
  )
}

function portLinks({ metadata: { name }, spec }: Service, tables: World['tables']): readonly Link[] {
  const table = tables?.find((each) => each.spec.service === name)
  if (table === undefined) return []
  const missing = (spec?.ports ?? []).filter(
    ({ port, protocol = 'TCP' }) => protocol === 'TCP' && !table.spec.ports.some((each) => each.port === port),
  )
  if (missing.length === 0) return []
  return [
    warned(
      `calls to some ports of Service ${name} are not routed: they are declared as something that is not plain HTTP`,
      'what is encrypted by the app cannot be routed by its key: have callers inside the cluster use a plain port',
      missing.map(({ port, name: portName, appProtocol }) => `port ${port}: ${appProtocol ?? portName ?? ''}`),
    ),
  ]
}
