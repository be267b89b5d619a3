// A workload changed: a fork, a baseline, or one that others stand beside.

import { INJECT } from '../../core/annotations.ts'
import type { Deployment, StatefulSet } from '../../kubernetes/resources/builtin.ts'
import type { Rollout } from '../../kubernetes/resources/rollout.ts'
import type { Change } from '../../kubernetes/store.ts'
import type { KeptWorkload } from '../view/kept.ts'
import { isSameIntent } from '../view/packed.ts'
import { markOf, place } from '../view/view.ts'
import type { Waker, WakerParts } from './waker.ts'

export function workloadTrigger(
  kind: string,
  { view, around, wake }: WakerParts,
  waker: Waker,
): <T extends Deployment | StatefulSet | Rollout>(change: Change<KeptWorkload<T>>) => void {
  return (change) => {
    const { before, after } = change
    if (waker.belonging(change)) return
    if (before !== undefined && after !== undefined && isSameIntent(before, after)) return
    const { namespace = '', name } = (after ?? before)?.metadata ?? { name: '' }
    const at = place(namespace, name)
    const users = [`${kind} ${at}`]
    if (kind === 'Deployment')
      for (const { metadata } of view.rollouts.by('refers', at))
        users.push(`Rollout ${place(namespace, metadata.name)}`)
    for (const user of users)
      for (const sandbox of view.sandboxes.by('baseline', user)) wake({ kind: 'Sandbox', mark: markOf(sandbox) })
    if (before !== undefined && after !== undefined && seenByOthers(before) === seenByOthers(after)) return
    around.forget(namespace)
    waker.surroundings(namespace)
    waker.tables(namespace)
  }
}

/** What it is to those beside it, which rarely changes: its selector, the labels of its pods and whether they are opted in. */
function seenByOthers<T extends Deployment | StatefulSet | Rollout>({ spec }: KeptWorkload<T>): string {
  const { labels, annotations } = spec?.template?.metadata ?? {}
  return JSON.stringify([spec?.selector, labels, annotations?.[INJECT]])
}
