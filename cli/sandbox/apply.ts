// Creates a Sandbox, or makes the one of its name as it is to be.

import type { Client } from '../../kubernetes/client.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import type { NewSandbox } from './arguments.ts'
import { createSandbox } from './create.ts'
import type { Done } from './phases.ts'
import { refusalOf } from './refusals.ts'

/** So often somebody else may be quicker. */
const TRIES = 5
/** It was created, changed or deleted since it was looked for. */
const OVERTAKEN: ReadonlySet<string> = new Set(['ST4002', 'ST3006', 'ST3005'])

/**
 * The spec is `sandbox`'s afterwards; of labels and annotations, what it does not name stays. Throws as createSandbox does, but for ST4002,
 * and ST3006 if others change the Sandbox at the same time again and again.
 */
export async function applySandbox(
  client: Client,
  namespace: string,
  sandbox: NewSandbox,
  signal: AbortSignal,
): Promise<{ readonly sandbox: Sandbox; readonly done: Done }> {
  for (let left = TRIES - 1; ; left--) {
    try {
      const before = await client.find(SANDBOXES, { namespace, name: sandbox.metadata.name }, signal)
      if (before === undefined) return await createSandbox(client, namespace, sandbox, signal)
      return await change(client, before, sandbox, signal)
    } catch (error) {
      if (left === 0 || !(error instanceof SidetrackError && OVERTAKEN.has(error.code))) throw error
    }
  }
}

async function change(client: Client, before: Sandbox, { metadata, spec }: NewSandbox, signal: AbortSignal) {
  const labels = { ...before.metadata.labels, ...metadata.labels }
  const annotations = { ...before.metadata.annotations, ...metadata.annotations }
  const wanted = { ...before, metadata: { ...before.metadata, labels, annotations }, spec }
  try {
    const sandbox = await client.replace(SANDBOXES, wanted, signal, { strict: true })
    const { generation } = before.metadata
    return { sandbox, done: sandbox.metadata.generation === generation ? ('unchanged' as const) : ('changed' as const) }
  } catch (error) {
    throw refusalOf(error, before.metadata.namespace ?? '', before.metadata.name)
  }
}
