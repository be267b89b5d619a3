// One look at a Route that a person wrote: its status says whether it is taken.

import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import { whyNoPod } from '../../kubernetes/route-target.ts'
import { isSame } from '../plan/holds.ts'
import { acceptance } from '../routing/acceptance.ts'
import { type View, marksOf, split } from '../view/view.ts'
import type { Parts } from './parts.ts'

export async function reconcileRoute(
  at: string,
  { client, view, written }: Parts,
  signal: AbortSignal,
): Promise<undefined> {
  const { namespace, name } = split(at)
  const kept = view.routes.get(namespace, name)
  if (kept === undefined || kept.metadata.ownerReferences !== undefined) return undefined
  const { status } = kept
  const around = {
    hasTable: view.tables.get(namespace, kept.spec.table) !== undefined,
    whyNoPod: whyNoPod([...view.nodes.values()].flatMap(({ addresses }) => addresses)),
    sandboxOf: (host: string) => sandboxOf(view, namespace, host),
  }
  const route = { ...kept.unpacked(), ...(status === undefined ? {} : { status }) }
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = acceptance(route, around, now)
  if (isSame([condition], status?.conditions ?? [])) return undefined
  try {
    const told = { metadata: { namespace, name }, status: { conditions: [condition] } }
    written(await client.applyStatus(ROUTES, told, { force: true }, signal))
  } catch (error) {
    // It was deleted meanwhile.
    if (!(error instanceof KubernetesError && error.code === 'ST3005')) throw error
  }
  return undefined
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
