// The steps by which an installation comes into a cluster: first what the others need, then agents and controller, then the wait for them.

import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { DEPLOYMENTS, MUTATING_WEBHOOK_CONFIGURATIONS, PODS } from '../../kubernetes/resources/builtin.ts'
import { DAEMON_SETS } from '../../kubernetes/resources/daemon-set.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { WorkStep } from '../steps.ts'
import { AGENT, CONTROLLER, SYSTEM_NAMESPACE, WEBHOOK } from './installation.ts'
import { objectText, resourceOf } from './kinds.ts'
import { daemonSetState, deploymentState, podTrouble } from './rollout.ts'

export function applySteps(client: Client, objects: readonly KubernetesObject[]): readonly WorkStep[] {
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
  const workloads = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet')
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace')
  const others = objects.filter((object) => !definitions.includes(object) && !workloads.includes(object))
  return [
    { text: 'definitions applied', work: (signal) => define(client, definitions, namespaces, signal) },
    { text: 'definitions served', work: (signal) => served(client, signal) },
    { text: 'rights and policies applied', work: (signal) => applyAll(client, others, signal) },
    { text: 'programs applied', work: (signal) => applyAll(client, workloads, signal) },
    { text: 'controller ready', work: (signal) => controllerReady(client, signal) },
    { text: 'webhook ready', work: (signal) => webhookReady(client, signal) },
    { text: 'agents ready', work: (signal) => agentsReady(client, signal) },
  ]
}

/** What is being deleted would take with it what is put into it now. */
async function define(
  client: Client,
  definitions: readonly KubernetesObject[],
  namespaces: readonly KubernetesObject[],
  signal: AbortSignal,
): ReturnType<WorkStep['work']> {
  const holders = [...namespaces, ...definitions]
  const found = await Promise.all(holders.map((each) => client.find(resourceOf(each), each.metadata, signal)))
  const ending = found.find((each) => each?.metadata.deletionTimestamp !== undefined)
  if (ending !== undefined) return { waitingFor: `${objectText(ending)} is still being deleted` }
  return applyAll(client, definitions, signal)
}

async function applyAll(client: Client, objects: readonly KubernetesObject[], signal: AbortSignal): Promise<'done'> {
  // The controller writes its authority into the webhook: as another manager, so it stays.
  for (const object of objects) await client.apply(resourceOf(object), object, { force: true }, signal)
  return 'done'
}

async function served(client: Client, signal: AbortSignal): ReturnType<WorkStep['work']> {
  try {
    await client.list(SANDBOXES, { namespace: SYSTEM_NAMESPACE }, signal)
    return 'done'
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'ST3011') return { waitingFor: 'the API server' }
    throw error
  }
}

async function controllerReady(client: Client, signal: AbortSignal): ReturnType<WorkStep['work']> {
  const { done, text } = deploymentState(await client.get(DEPLOYMENTS, CONTROLLER, signal))
  return done ? 'done' : { waitingFor: await withTrouble(client, text, 'controller', signal) }
}

async function webhookReady(client: Client, signal: AbortSignal): ReturnType<WorkStep['work']> {
  const { webhooks = [] } = await client.get(MUTATING_WEBHOOK_CONFIGURATIONS, WEBHOOK, signal)
  const trusted = webhooks.every(({ clientConfig }) => (clientConfig.caBundle ?? '') !== '')
  return trusted ? 'done' : { waitingFor: "the controller's certificate authority in the webhook configuration" }
}

export async function agentsReady(client: Client, signal: AbortSignal): ReturnType<WorkStep['work']> {
  const { done, text } = daemonSetState(await client.get(DAEMON_SETS, AGENT, signal))
  return done ? 'done' : { waitingFor: await withTrouble(client, text, 'agent', signal) }
}

async function withTrouble(client: Client, text: string, component: string, signal: AbortSignal): Promise<string> {
  const labelSelector = `app.kubernetes.io/name=sidetrack,app.kubernetes.io/component=${component}`
  const { items } = await client.list(PODS, { namespace: SYSTEM_NAMESPACE, labelSelector }, signal)
  return [text, podTrouble(items)].filter((part) => part !== '').join('; ')
}
