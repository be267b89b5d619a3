// Reads what an explanation looks at; what may not be read is left out.

import { INJECT } from '../../core/annotations.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { Resource, Selection } from '../../kubernetes/resource.ts'
import {
  DEPLOYMENTS,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  NODES,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { NODE_REPORTS, ROUTES, ROUTING_TABLES } from '../../kubernetes/resources/sidetrack.ts'
import type { Cluster } from '../connect.ts'
import { AGENT_PODS, CONTROLLER, SYSTEM_NAMESPACE, WEBHOOK } from '../install/installation.ts'
import { findSandbox } from '../sandbox/find.ts'
import type { Seen, World } from './world.ts'

/** Throws ST3005 if there is no such Sandbox. */
export async function look(cluster: Cluster, name: string, signal: AbortSignal): Promise<World> {
  const { client, namespace } = cluster
  const sandbox = await findSandbox(cluster, name, signal)
  const one = <T extends KubernetesObject>(resource: Resource<T>, at: { namespace?: string; name: string }) =>
    seen(client.find(resource, at, signal).then((object) => object ?? null))
  const all = <T extends KubernetesObject>(resource: Resource<T>, selection: Selection) =>
    seen(client.list(resource, selection, signal).then(({ items }) => items))
  const here = { namespace }
  const [allowing, controller, webhook, tables, routes, deployments, sets, pods, nodes, reports, agents, services] =
    await Promise.all([
      one(NAMESPACES, { name: namespace }),
      one(DEPLOYMENTS, CONTROLLER),
      one(MUTATING_WEBHOOK_CONFIGURATIONS, WEBHOOK),
      all(ROUTING_TABLES, here),
      all(ROUTES, here),
      all(DEPLOYMENTS, here),
      all(STATEFUL_SETS, here),
      all(PODS, {}),
      all(NODES, {}),
      all(NODE_REPORTS, {}),
      all(PODS, { namespace: SYSTEM_NAMESPACE, labelSelector: AGENT_PODS }),
      all(SERVICES, here),
    ])
  const asking = pods?.filter(({ metadata }) => metadata.annotations?.[INJECT] !== undefined)
  const workloads = [...(deployments ?? []), ...(sets ?? [])]
  const now = Date.now()
  return {
    sandbox,
    namespace: allowing,
    controller,
    webhook,
    tables,
    routes,
    workloads,
    pods: asking,
    nodes,
    reports,
    agents,
    services,
    now,
  }
}

/** Undefined without the right to see it. */
export async function seen<T>(asked: Promise<T>): Promise<Seen<T>> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'ST3004') return undefined
    throw error
  }
}
