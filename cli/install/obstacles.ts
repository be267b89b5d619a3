// Why an installation cannot be changed from here: somebody else keeps it, or there is another one.

import type { Client } from '../../kubernetes/client.ts'
import {
  DEPLOYMENTS,
  type Deployment,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type MutatingWebhookConfiguration,
} from '../../kubernetes/resources/builtin.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { ownerOf } from '../opt-in/owner.ts'
import { CONTROLLER, WEBHOOK } from './installation.ts'

/** Names of the webhook configurations of other installations. */
export function otherInstallations(webhooks: readonly MutatingWebhookConfiguration[]): readonly string[] {
  return webhooks
    .filter(
      ({ metadata, webhooks: each = [] }) =>
        metadata.name !== WEBHOOK.name && each.some(({ name }) => name.endsWith('.sidetrack.dev')),
    )
    .map(({ metadata }) => metadata.name)
}

/** A sentence for a person; undefined if nothing is in the way. `controller` is that of this installation, if it is there. */
export function obstacleOf(
  controller: Deployment | undefined,
  webhooks: readonly MutatingWebhookConfiguration[],
): string | undefined {
  const kept = keptBy(controller)
  if (kept !== undefined) {
    const how = kept.tool === 'Helm' ? 'use helm upgrade' : 'change it in Git'
    return `the installation is kept by ${kept.name}, which would change it back: ${how}`
  }
  const [other] = otherInstallations(webhooks)
  return other === undefined
    ? undefined
    : `there is another installation of Sidetrack, and pods would get two sidecars: remove the one of MutatingWebhookConfiguration ${other}`
}

/** Throws ST4010 where what is deleted would come again. What Helm keeps may go: its record goes with the namespace. */
export async function refuseToRemove(client: Client, signal: AbortSignal): Promise<void> {
  const kept = keptBy(await client.find(DEPLOYMENTS, CONTROLLER, signal))
  if (kept === undefined || kept.tool === 'Helm') return
  const how = 'do in Git what docs/guide/uninstall.md says'
  throw new SidetrackError('ST4010', `the installation is kept by ${kept.name}, which would bring it back: ${how}`)
}

function keptBy(controller: Deployment | undefined): { readonly tool: string; readonly name: string } | undefined {
  const owner = controller === undefined ? undefined : ownerOf(controller)
  if (owner === undefined) return undefined
  return { tool: owner.tool, name: [owner.tool, owner.what].filter((part) => part !== '').join(' ') }
}

/** Throws ST4010. */
export async function refuseObstacles(client: Client, signal: AbortSignal): Promise<void> {
  const [controller, { items }] = await Promise.all([
    client.find(DEPLOYMENTS, CONTROLLER, signal),
    client.list(MUTATING_WEBHOOK_CONFIGURATIONS, {}, signal),
  ])
  const obstacle = obstacleOf(controller, items)
  if (obstacle !== undefined) throw new SidetrackError('ST4010', obstacle)
}
