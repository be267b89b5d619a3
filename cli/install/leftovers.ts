// What Sidetrack may leave in other namespaces: what sandboxes own, and sidecars in pods.

import { INJECTED } from '../../core/annotations.ts'
import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import type { Client } from '../../kubernetes/client.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import { DEPLOYMENTS, NETWORK_POLICIES, PODS, SERVICES, STATEFUL_SETS } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { objectText } from './kinds.ts'

/** Forks and what makes them reachable, in all namespaces. */
export async function forkedObjects(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  const resources: readonly Resource<KubernetesObject>[] = [
    DEPLOYMENTS,
    STATEFUL_SETS,
    SERVICES,
    NETWORK_POLICIES,
    PODS,
  ]
  const lists = await Promise.all(
    resources.map((resource) => client.list(resource, { labelSelector: SANDBOX_LABEL }, signal)),
  )
  return lists.flatMap(({ items }) => items.map(objectText))
}

/** `shop/web-7d4f`: pods that still have a sidecar. Without an agent it does nothing; it goes with its pod. */
export async function podsWithSidecar(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { items } of client.pages(PODS, {}, { signal })) {
    for (const { metadata } of items)
      if (metadata.annotations?.[INJECTED] !== undefined) names.push(`${metadata.namespace ?? ''}/${metadata.name}`)
  }
  return names
}
