// One look at a Route that a person wrote: its status says whether it is taken.

import { parseAddress } from '../../core/address.ts'
import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { PODS, type Pod } from '../../kubernetes/resources/builtin.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import { isForeign } from '../../kubernetes/route-owner.ts'
import { whyNoPod } from '../../kubernetes/route-target.ts'
import { isSame } from '../plan/holds.ts'
import { acceptance, judgeAgainMs } from '../routing/acceptance.ts'
import { type View, marksOf, split } from '../view/view.ts'
import type { Parts } from './parts.ts'

/** Answers when to look again, if it has to be. */
export async function reconcileRoute(
  at: string,
  { client, view, written }: Parts,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { namespace, name } = split(at)
  const kept = view.routes.get(namespace, name)
  if (kept === undefined || !isForeign(kept.metadata)) return undefined
  const { status } = kept
  const unpacked = kept.unpacked()
  const here = await addressesHere(client, namespace, unpacked.spec.addresses ?? [], signal)
  const around = {
    hasTable: view.tables.get(namespace, kept.spec.table) !== undefined,
    whyNoPod: whyNoPod([...view.nodes.values()].flatMap(({ addresses }) => addresses)),
    sandboxOf: (host: string) => sandboxOf(view, namespace, host),
    isHere: (host: string) => here.has(host.toLowerCase()),
  }
  const route = { ...unpacked, ...(status === undefined ? {} : { status }) }
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = acceptance(route, around, now)
  const again = judgeAgainMs(route, condition)
  if (isSame([condition], status?.conditions ?? [])) return again
  try {
    const told = { metadata: { namespace, name }, status: { conditions: [condition] } }
    written(await client.applyStatus(ROUTES, told, { force: true }, signal))
  } catch (error) {
    // It was deleted meanwhile.
    if (!(error instanceof KubernetesError && error.code === 'ST3005')) throw error
  }
  return again
}

/** Those of the addresses that pods of the namespace have. The view holds pods of forks only: others are asked for, since such Routes are few. */
async function addressesHere(
  client: Client,
  namespace: string,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const hosts = new Set(addresses.flatMap((text) => parseAddress(text)?.host.toLowerCase() ?? []))
  const here = new Set<string>()
  const add = (pods: readonly Pod[]) => {
    for (const { status } of pods) for (const { ip } of status?.podIPs ?? []) here.add(ip.toLowerCase())
  }
  for (const host of hosts) {
    const fieldSelector = `status.podIP=${host}`
    if (!here.has(host)) add((await client.list(PODS, { namespace, fieldSelector }, signal)).items)
    // The selector finds a pod by its first address alone.
    if (!here.has(host)) add((await client.list(PODS, { namespace }, signal)).items)
  }
  return here
}

function sandboxOf(view: View, namespace: string, host: string): string | undefined {
  for (const pod of view.pods.by('address', host.toLowerCase())) {
    if (pod.metadata.namespace !== namespace) continue
    const [mark = ''] = marksOf(pod)
    const [sandbox] = view.sandboxes.by('mark', mark)
    if (sandbox !== undefined) return sandbox.metadata.name
  }
  return undefined
}
