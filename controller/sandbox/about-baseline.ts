// What the author of a sandbox should know about a baseline and what stands around it.

import type { Service } from '../../kubernetes/resources/builtin.ts'
import type { Baseline } from './baseline.ts'
import { type Warning, listed } from './finding.ts'
import { isOptedIn } from './fork-template.ts'
import { servesOnePod } from './forked-service.ts'

/** What there is besides the baseline. */
export interface BaselineSurroundings {
  readonly services: readonly Service[]
  /** HorizontalPodAutoscalers by the workload that they scale: `Deployment/cart`. */
  readonly scalers: ReadonlyMap<string, string>
}

export function aboutSelectors(selectedBy: readonly string[]): readonly Warning[] {
  if (selectedBy.length === 0) return []
  const message = `${listed(selectedBy)} selects the fork's pods too, whatever labels they have.`
  return [{ reason: 'SelectedByBaseline', message }]
}

/** `services` are those that lead to the baseline's pods. */
export function aboutBaseline(
  { kind, metadata: { name }, template, statefulSet }: Baseline,
  services: readonly Service[],
  around: BaselineSurroundings,
): readonly Warning[] {
  const warnings: Warning[] = []
  const warn = (reason: string, message: string) => warnings.push({ reason, message })
  if (services.length === 0)
    warn('NoService', `No Service leads to the pods of ${kind} ${name}: no request can be routed to its fork.`)
  if (!isOptedIn(template)) {
    const message = `${kind} ${name} is not opted in: requests that its fork sends are not routed, and connections to its Services that were open before stay with the baseline until they are closed.`
    warn('NotOptedIn', message)
  }
  const scaler = around.scalers.get(`${kind}/${name}`)
  if (scaler !== undefined)
    warn('NotScaled', `HorizontalPodAutoscaler ${scaler} scales the baseline; the fork keeps its replicas.`)
  const labels = template.metadata?.labels ?? {}
  const single = around.services
    .filter((service) => servesOnePod(service, labels))
    .map((service) => service.metadata.name)
  if (single.length > 0)
    warn('ServiceOfOnePod', `Service ${listed(single)} leads to one pod of the baseline and is not routed to the fork.`)
  const volumes = (statefulSet?.volumeClaimTemplates ?? []).map((claim) => claim.metadata?.name ?? '')
  if (volumes.length > 0) warn('EmptyVolumes', `The fork starts with empty volumes of its own: ${listed(volumes)}.`)
  return warnings
}
