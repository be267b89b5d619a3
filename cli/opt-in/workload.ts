// Workloads whose pods can be opted in, as kubectl's users name them.

import { type Resource, resourceName } from '../../kubernetes/resource.ts'
import { DEPLOYMENTS, STATEFUL_SETS } from '../../kubernetes/resources/builtin.ts'
import { DAEMON_SETS } from '../../kubernetes/resources/daemon-set.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import type { PodTemplate } from '../../kubernetes/resources/pod-template.ts'
import { ROLLOUTS } from '../../kubernetes/resources/rollout.ts'
import { wrong } from '../wrong.ts'

export interface Workload extends KubernetesObject {
  readonly spec?: { readonly template?: Partial<PodTemplate>; readonly workloadRef?: { readonly name?: string } }
}

export interface WorkloadName {
  readonly resource: Resource<Workload>
  readonly name: string
}

const RESOURCES: readonly (readonly [resource: Resource<Workload>, short: string])[] = [
  [erased(DEPLOYMENTS), 'deploy'],
  [erased(STATEFUL_SETS), 'sts'],
  [erased(DAEMON_SETS), 'ds'],
  [erased(ROLLOUTS), 'ro'],
]

/** Reads `deploy/cart`, `daemonset/ingress`. Throws ST4001. */
export function parseWorkloadName(text: string): WorkloadName {
  const slash = text.indexOf('/')
  const kind = text.slice(0, Math.max(slash, 0)).toLowerCase()
  const name = text.slice(slash + 1)
  const found = RESOURCES.find(([resource, short]) => {
    const singular = resource.kind.toLowerCase()
    return [short, singular, resource.plural, resourceName(resource)].includes(kind)
  })
  if (found === undefined || name === '' || name.includes('/'))
    throw wrong(`${JSON.stringify(text)} is none of deploy/NAME, sts/NAME, ds/NAME and rollout/NAME`)
  return { resource: found[0], name }
}

function erased({ group, version, plural, kind, namespaced }: Resource<KubernetesObject>): Resource<Workload> {
  return { group, version, plural, kind, namespaced }
}
