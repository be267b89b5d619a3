// Deletes a sandbox whose time is over.

import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { Parts } from './parts.ts'

/** True if its time is over. One that was changed meanwhile is left: the change may have given it more time. */
export async function expire(
  sandbox: Sandbox,
  expiresAt: number | undefined,
  now: number,
  { client, log, tell }: Parts,
  signal: AbortSignal,
): Promise<boolean> {
  if (expiresAt === undefined || expiresAt > now) return false
  const { namespace, name, uid, resourceVersion } = sandbox.metadata
  try {
    const deletion = { uid, resourceVersion, propagationPolicy: 'Background' } as const
    if (!(await client.delete(SANDBOXES, { namespace, name }, deletion, signal))) return true
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'ST3006') return true
    throw error
  }
  log.info({ sandbox: `${namespace ?? ''}/${name}` }, 'sandbox expired')
  const note = `Its time was over at ${new Date(expiresAt).toISOString()}.`
  await tell(sandbox, [{ type: 'Normal', reason: 'Expired', action: 'Deleting', note }], signal)
  return true
}
