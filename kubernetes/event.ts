// Events: what happened to an object, for `kubectl describe` and `kubectl get events`.

import { createHash } from 'node:crypto'
import type { Client } from './client.ts'
import { EVENTS } from './resources/builtin.ts'
import type { KubernetesObject } from './resources/meta.ts'

export interface Happening {
  readonly regarding: KubernetesObject
  readonly type: 'Normal' | 'Warning'
  /** CamelCase: `ForkFailed`. */
  readonly reason: string
  /** CamelCase: what the controller was doing, `Forking`. */
  readonly action: string
  /** For people. */
  readonly note: string
}

/** Who reports. */
export interface Reporter {
  /** A domain name: `sidetrack.dev/controller`. */
  readonly controller: string
  /** The pod. */
  readonly instance: string
}

/** The API's limit of a note, in bytes. */
const NOTE_BYTES = 1024

/** Writes it, or counts it up if the same was said before: the name is made of what makes it the same. */
export async function report(
  client: Client,
  reporter: Reporter,
  happening: Happening,
  signal?: AbortSignal,
): Promise<void> {
  const { regarding, type, reason, action } = happening
  const namespace = regarding.metadata.namespace ?? 'default'
  const note = cut(happening.note)
  const same = JSON.stringify([reporter.controller, regarding.kind, regarding.metadata.uid, type, reason, action, note])
  const name = `${regarding.metadata.name.slice(0, 200)}.${createHash('sha256').update(same).digest('hex').slice(0, 16)}`
  const now = new Date().toISOString().replace('Z', '000Z')
  const known = await client.find(EVENTS, { namespace, name }, signal)
  if (known !== undefined) {
    const count = (known.series?.count ?? 1) + 1
    await client.patch(EVENTS, { namespace, name }, { series: { count, lastObservedTime: now } }, signal)
    return
  }
  const { apiVersion, kind } = regarding
  const { uid, resourceVersion } = regarding.metadata
  const event = {
    metadata: { namespace, name },
    eventTime: now,
    reportingController: reporter.controller,
    reportingInstance: reporter.instance,
    regarding: {
      apiVersion,
      kind,
      namespace: regarding.metadata.namespace,
      name: regarding.metadata.name,
      uid,
      resourceVersion,
    },
    type,
    reason,
    action,
    note,
  }
  await client.create(EVENTS, event, signal)
}

function cut(note: string): string {
  if (Buffer.byteLength(note) <= NOTE_BYTES) return note
  const bytes = Buffer.from(note).subarray(0, NOTE_BYTES - 3)
  // A character that was cut in two ends as U+FFFD.
  return `${bytes.toString('utf8').replace(/\uFFFD$/, '')}…`
}
