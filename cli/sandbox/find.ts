// One Sandbox by its name, or a sentence about what is there.

import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import type { Cluster } from '../connect.ts'

/** Throws ST3005 if there is none of that name. */
export async function findSandbox({ client, namespace }: Cluster, name: string, signal: AbortSignal): Promise<Sandbox> {
  try {
    return await client.get(SANDBOXES, { namespace, name }, signal)
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'ST3005') throw noSandbox(namespace, name, error)
    throw error
  }
}

export function noSandbox(namespace: string, name: string, cause?: unknown): SidetrackError {
  const message = `there is no sandbox ${name} in namespace ${namespace}; \`sidetrack list -A\` shows all of them`
  return new SidetrackError('ST3005', message, { cause })
}
