// Writes what a plan says: what the API server would refuse is found out before anything is written.

import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import { DEPLOYMENTS, NETWORK_POLICIES, SERVICES, STATEFUL_SETS } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROUTES, ROUTING_TABLES } from '../../kubernetes/resources/sidetrack.ts'
import type { Desired, Observed, OwnedKind } from '../plan/desired.ts'
import { APPLIED_ANNOTATION, type Plan } from '../plan/plan.ts'

export interface Refusal {
  readonly object: Desired
  /** What the API server says, in its own words. */
  readonly why: string
}

export interface Written {
  /** An object as it is after a write. */
  readonly written: (object: KubernetesObject) => void
  /** The same, with the digest of what was applied. */
  readonly applied: (object: KubernetesObject, digest: string) => void
}

const RESOURCES: Readonly<Record<OwnedKind, Resource<KubernetesObject & { readonly spec?: object }>>> = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  Service: SERVICES,
  NetworkPolicy: NETWORK_POLICIES,
  RoutingTable: ROUTING_TABLES,
  Route: ROUTES,
}

/** Not the object as such but what a person said in it decides about these. */
const CHECKED: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet'])

/**
 * Nothing is written if the API server refuses one of the workloads. What is deleted goes first: a name may be needed again. Throws what
 * else goes wrong; the rest of the plan is not carried out then.
 */
export async function carryOut(
  client: Client,
  { applies, deletes }: Pick<Plan, 'applies' | 'deletes'>,
  { written, applied }: Written,
  signal: AbortSignal,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = []
  for (const object of applies) {
    if (!CHECKED.has(object.kind)) continue
    const why = await refusalOf(() => apply(client, object, true, signal))
    if (why !== undefined) refusals.push({ object, why })
  }
  if (refusals.length > 0) return refusals
  for (const object of deletes) await remove(client, object, signal)
  for (const object of applies) {
    const result = await apply(client, object, false, signal)
    written(result)
    applied(result, object.metadata.annotations?.[APPLIED_ANNOTATION] ?? '')
  }
  return []
}

/** Deletes the object that was seen, and no other one of its name. */
export async function remove(client: Client, { kind, metadata }: Observed, signal: AbortSignal): Promise<void> {
  const resource = isOwnedKind(kind) ? RESOURCES[kind] : undefined
  if (resource === undefined) throw new Error(`no resource for ${kind}`)
  try {
    await client.delete(resource, metadata, { uid: metadata.uid, propagationPolicy: 'Background' }, signal)
  } catch (error) {
    if (!(error instanceof KubernetesError && error.code === 'ST3006')) throw error
  }
}

function apply(client: Client, object: Desired, dryRun: boolean, signal: AbortSignal): Promise<KubernetesObject> {
  const { kind, metadata, spec } = object
  return client.apply(RESOURCES[kind], { metadata, spec }, { force: true, ...(dryRun ? { dryRun } : {}) }, signal)
}

async function refusalOf(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (!(error instanceof KubernetesError) || (error.code !== 'ST3007' && error.code !== 'ST3004')) throw error
    const causes = error.causes.map(({ field, message }) => [field, message].filter(Boolean).join(': '))
    return causes.length > 0 ? causes.join('; ') : error.message
  }
}

function isOwnedKind(kind: string): kind is OwnedKind {
  return kind in RESOURCES
}
