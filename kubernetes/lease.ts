// A lease: who leads, until when. Read and written with the API server's own guard against two writers; the election is the controller's.

import type { Client } from './client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import type { ObjectName } from './resource.ts'
import { LEASES, type Lease } from './resources/builtin.ts'

export interface Term {
  /** Empty when it was given up. */
  readonly holder: string
  readonly durationSeconds: number
  readonly acquiredAt: string
  readonly renewedAt: string
  readonly transitions: number
}

export function getLease(client: Client, at: ObjectName, signal?: AbortSignal): Promise<Lease | undefined> {
  return client.find(LEASES, at, signal)
}

/** Writes `term` unless somebody else wrote since `known` was read (undefined: there was none). Undefined if somebody did. */
export async function putLease(
  client: Client,
  at: ObjectName,
  known: Lease | undefined,
  term: Term,
  signal?: AbortSignal,
): Promise<Lease | undefined> {
  const spec = {
    holderIdentity: term.holder,
    leaseDurationSeconds: term.durationSeconds,
    acquireTime: micro(term.acquiredAt),
    renewTime: micro(term.renewedAt),
    leaseTransitions: term.transitions,
  }
  try {
    if (known === undefined) return await client.create(LEASES, { metadata: at, spec }, signal)
    return await client.replace(LEASES, { ...known, spec: { ...known.spec, ...spec } }, signal)
  } catch (error) {
    if (error instanceof KubernetesError && error.code === 'ST3006') return undefined
    throw error
  }
}

/** The API's form of a time with microseconds. */
function micro(time: string): string {
  return time.replace(/(\.\d{3})Z$/, '$1000Z')
}
