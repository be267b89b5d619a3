// Creates a Sandbox.

import type { Client } from '../../kubernetes/client.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { SANDBOXES } from '../../kubernetes/resources/sidetrack.ts'
import type { NewSandbox } from './arguments.ts'
import { refusalOf } from './refusals.ts'

/** Throws ST4002 if there is one of its name, ST4006 if the namespace does not allow sandboxes, or what the API server has against it. */
export async function createSandbox(
  client: Client,
  namespace: string,
  { metadata, spec }: NewSandbox,
  signal: AbortSignal,
): Promise<{ readonly sandbox: Sandbox; readonly done: 'created' }> {
  try {
    const object = { metadata: { ...metadata, namespace }, spec }
    return { sandbox: await client.create(SANDBOXES, object, signal, { strict: true }), done: 'created' }
  } catch (error) {
    throw refusalOf(error, namespace, metadata.name)
  }
}
