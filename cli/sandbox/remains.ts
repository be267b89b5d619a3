// What is left of a Sandbox that was deleted: Kubernetes collects what it owned a little later.

import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '../../core/duration.ts'
import { SANDBOX_LABEL } from '../../core/fork-marks.ts'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import { type Resource, type Selection, resourceName } from '../../kubernetes/resource.ts'
import { DEPLOYMENTS, PODS, SERVICES, STATEFUL_SETS } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROUTES, SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { SidetrackError } from '../../runtime/errors.ts'

interface SandboxName {
  readonly namespace: string
  readonly name: string
}

const AGAIN_MS = 200

/** Throws ST4004 with what is left if it takes longer. */
export async function waitForEnd(
  client: Client,
  sandbox: SandboxName,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const left = await remainsOf(client, sandbox, signal)
    if (left.length === 0) return
    if (performance.now() > end) {
      const { namespace, name } = sandbox
      const message = `of sandbox ${namespace}/${name} there is left after ${formatDuration(timeoutMs)}: ${left.join(', ')}`
      throw new SidetrackError('ST4004', message)
    }
    await sleep(AGAIN_MS, undefined, { signal })
  }
}

/** `deployments.apps cart--pr-42`; what may not be looked at is left out. */
async function remainsOf(
  client: Client,
  { namespace, name }: SandboxName,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const labelSelector = `${SANDBOX_LABEL}=${labelValue(name)}`
  const found = await Promise.all([
    names(client, SANDBOXES, { namespace, fieldSelector: `metadata.name=${name}` }, signal),
    names(client, ROUTES, { namespace, fieldSelector: `spec.sandbox=${name}` }, signal),
    ...[DEPLOYMENTS, STATEFUL_SETS, SERVICES, PODS].map((resource: Resource<KubernetesObject>) =>
      names(client, resource, { namespace, labelSelector }, signal),
    ),
  ])
  return found.flat()
}

async function names<T extends KubernetesObject>(
  client: Client,
  resource: Resource<T>,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const { items } = await client.list(resource, selection, signal)
    return items.map(({ metadata }) => `${resourceName(resource)} ${metadata.name}`)
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'ST3004') return []
    throw error
  }
}
