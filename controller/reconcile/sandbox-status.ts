// Writes a sandbox's status if it is another one, and tells what happened.

import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { isSame } from '../plan/holds.ts'
import { type StatusInput, statusOf } from '../sandbox/status.ts'
import { happenings } from './happenings.ts'
import type { Parts } from './parts.ts'

export async function writeSandboxStatus(
  sandbox: Sandbox,
  input: StatusInput,
  { client, tell, written }: Parts,
  signal: AbortSignal,
): Promise<void> {
  const status = statusOf(sandbox, input)
  if (isSame(status, sandbox.status)) return
  const { namespace, name } = sandbox.metadata
  try {
    written(await client.applyStatus(SANDBOXES, { metadata: { namespace, name }, status }, { force: true }, signal))
  } catch (error) {
    // It was deleted meanwhile.
    if (error instanceof KubernetesError && error.code === 'ST3005') return
    throw error
  }
  const told = happenings(sandbox.status?.conditions ?? [], status.conditions ?? [])
  if (told.length > 0) await tell(sandbox, told, signal)
}
