// The steps by which an installation leaves a cluster, so that no request is lost: no new sidecars, no sandboxes, no redirects, then the rest.

import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { MUTATING_WEBHOOK_CONFIGURATIONS } from '../../kubernetes/resources/builtin.ts'
import { DAEMON_SETS, type DaemonSet } from '../../kubernetes/resources/daemon-set.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROUTES, ROUTE_GROUPS, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { WorkStep } from '../steps.ts'
import { agentsReady } from './apply-steps.ts'
import { AGENT, WEBHOOK } from './installation.ts'
import { objectText, resourceOf } from './kinds.ts'
import { forkedObjects } from './leftovers.ts'

/** A name of its own: who applies less than before under the same name takes the rest away. */
export const UNINSTALL_MANAGER = 'sidetrack-uninstall'

/** agent/config.ts: takes every redirect away; the agent is ready when none is left on its node. */
const REMOVE_SETTING = 'SIDETRACK_REMOVE'

export function removalSteps(client: Client, objects: readonly KubernetesObject[]): readonly WorkStep[] {
  const reversed = objects.toReversed()
  return [
    { text: 'no pod gets a sidecar', work: (signal) => deleteWebhook(client, signal) },
    { text: 'sandboxes gone', work: (signal) => deleteSandboxes(client, signal) },
    { text: 'redirects removed', work: (signal) => removeRedirects(client, signal) },
    { text: 'installation deleted', work: (signal) => deleteAll(client, reversed, signal) },
    { text: 'nothing left of it', work: (signal) => gone(client, reversed, signal) },
  ]
}

async function deleteWebhook(client: Client, signal: AbortSignal): Promise<'done'> {
  await client.delete(MUTATING_WEBHOOK_CONFIGURATIONS, WEBHOOK, {}, signal)
  return 'done'
}

/** While its definitions are still there: afterwards nothing would collect what sandboxes own. */
async function deleteSandboxes(client: Client, signal: AbortSignal): ReturnType<WorkStep['work']> {
  try {
    const [groups, sandboxes] = await Promise.all([
      client.list(ROUTE_GROUPS, {}, signal),
      client.list(SANDBOXES, {}, signal),
    ])
    for (const { metadata } of groups.items) await client.delete(ROUTE_GROUPS, metadata, {}, signal)
    for (const { metadata } of sandboxes.items) await client.delete(SANDBOXES, metadata, {}, signal)
    const routes = await client.list(ROUTES, {}, signal)
    const owned = routes.items.filter(({ spec }) => spec.sandbox !== undefined).map(objectText)
    const left = [...sandboxes.items.map(objectText), ...owned, ...(await forkedObjects(client, signal))]
    return left.length === 0 ? 'done' : { waitingFor: some(left) }
  } catch (error) {
    if (isMissing(error)) return 'done'
    throw error
  }
}

async function removeRedirects(client: Client, signal: AbortSignal): ReturnType<WorkStep['work']> {
  const agent = await client.find(DAEMON_SETS, AGENT, signal)
  if (agent === undefined) return 'done'
  if (isLeaving(agent)) return agentsReady(client, signal)
  const [container] = agent.spec?.template.spec?.containers ?? []
  if (container === undefined) return 'done'
  const template = { spec: { containers: [{ name: container.name, env: [{ name: REMOVE_SETTING, value: 'true' }] }] } }
  // All nodes at once: an agent that removes has nothing to hand over.
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' } }
  await client.apply(DAEMON_SETS, { metadata: AGENT, spec: { template, updateStrategy } }, { force: true }, signal)
  return { waitingFor: 'the agents' }
}

function isLeaving({ spec }: DaemonSet): boolean {
  const containers = spec?.template.spec?.containers ?? []
  return containers.some(({ env }) => env?.some(({ name, value }) => name === REMOVE_SETTING && value === 'true'))
}

/** Takes back what an uninstall asked of the agents that did not come to its end. `client` applies as that one did. */
export async function stay(client: Client, signal: AbortSignal): Promise<void> {
  const agent = await client.find(DAEMON_SETS, AGENT, signal)
  if (agent !== undefined && isLeaving(agent)) await client.apply(DAEMON_SETS, { metadata: AGENT }, {}, signal)
}

async function deleteAll(client: Client, objects: readonly KubernetesObject[], signal: AbortSignal): Promise<'done'> {
  for (const object of objects) {
    const { namespace, name } = object.metadata
    const deletion = { propagationPolicy: 'Background' } as const
    await client.delete(resourceOf(object), { namespace, name }, deletion, signal).catch(ifUnknown)
  }
  return 'done'
}

async function gone(
  client: Client,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): ReturnType<WorkStep['work']> {
  const left = await presentOf(client, objects, signal)
  return left.length === 0 ? 'done' : { waitingFor: some(left) }
}

/** Those that are there, by name. */
export async function presentOf(
  client: Client,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = await Promise.all(
    objects.map(async (object) => {
      const { namespace, name } = object.metadata
      const there = await client.find(resourceOf(object), { namespace, name }, signal).catch(ifUnknown)
      return there === undefined ? [] : [objectText(object)]
    }),
  )
  return found.flat()
}

function isMissing(error: unknown): boolean {
  return error instanceof KubernetesError && (error.code === 'ST3011' || error.code === 'ST3005')
}

/** A cluster without a Prometheus Operator has none of its kinds. */
function ifUnknown(error: unknown): undefined {
  if (isMissing(error)) return undefined
  throw error
}

function some(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}
