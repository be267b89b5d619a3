// What is there once for a node or for the cluster, beside the proxies.

import { PODS } from '../../kubernetes/resources/builtin.ts'
import { containersOf } from './containers.ts'
import type { Bench } from './hop.ts'
import type { Subject } from './subject.ts'

export interface Shared {
  readonly name: 'agent' | 'controller' | 'istiod'
  readonly pids: readonly number[]
}

export async function sharedBy(
  { cluster, signal }: Bench,
  { mesh }: Subject,
  istiod: number,
): Promise<readonly Shared[]> {
  if (mesh === 'none') return []
  if (mesh === 'istio') return [{ name: 'istiod', pids: [istiod] }]
  const { items } = await cluster.client.list(PODS, { namespace: 'sidetrack-system' }, signal)
  return containersOf(items).map(({ pod, pids }) => ({ name: pod.includes('agent') ? 'agent' : 'controller', pids }))
}
