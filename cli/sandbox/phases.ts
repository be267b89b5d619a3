// How far a sandbox has come on its way to readiness, phase by phase, from what the API server shows of it.

import { FORK_OF_LABEL } from '../../core/fork-marks.ts'
import { labelValue } from '../../kubernetes/label-value.ts'
import type { Pod } from '../../kubernetes/resources/builtin.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { isTrue } from './status.ts'

export type Phase = 'written' | 'scheduled' | 'pulled' | 'available' | 'programmed'

export const PHASES: readonly { readonly phase: Phase; readonly text: string }[] = [
  { phase: 'written', text: 'written' },
  { phase: 'scheduled', text: 'pod scheduled' },
  { phase: 'pulled', text: 'image pulled' },
  { phase: 'available', text: 'fork ready' },
  { phase: 'programmed', text: 'routes programmed' },
]

/** What became of a Sandbox that was written. */
export type Done = 'created' | 'changed' | 'unchanged'

export interface SandboxView {
  readonly sandbox: Sandbox
  /** Of its forks; undefined if they may not be looked at. */
  readonly pods: readonly Pod[] | undefined
}

/** When each phase was reached, in milliseconds since the start. */
export type Reached = ReadonlyMap<Phase, number>

/** What was reached stays so: a pod that is replaced does not undo the past. */
export function reachedAfter(before: Reached, view: SandboxView, elapsedMs: number): Reached {
  const news = PHASES.filter(({ phase }) => !before.has(phase) && isReached(view, phase))
  if (news.length === 0) return before
  return new Map([...before, ...news.map(({ phase }) => [phase, elapsedMs] as const)])
}

/** The phases that can be seen at all. */
export function visiblePhases({ pods }: Pick<SandboxView, 'pods'>): typeof PHASES {
  return pods === undefined ? PHASES.filter(({ phase }) => phase !== 'scheduled' && phase !== 'pulled') : PHASES
}

function isReached({ sandbox, pods = [] }: SandboxView, phase: Phase): boolean {
  switch (phase) {
    case 'written':
      return true
    case 'scheduled':
      return isTrue(sandbox, 'ForksAvailable') || eachForkHas(sandbox, pods, isScheduled)
    case 'pulled':
      return isTrue(sandbox, 'ForksAvailable') || eachForkHas(sandbox, pods, isPulled)
    case 'available':
      return isTrue(sandbox, 'ForksAvailable')
    case 'programmed':
      return isTrue(sandbox, 'Ready')
  }
}

function eachForkHas({ spec }: Sandbox, pods: readonly Pod[], has: (pod: Pod) => boolean): boolean {
  return spec.forks.every(({ of }) =>
    pods.some((pod) => pod.metadata.labels?.[FORK_OF_LABEL] === labelValue(of.name) && has(pod)),
  )
}

function isScheduled({ spec }: Pod): boolean {
  return (spec?.nodeName ?? '') !== ''
}

/** The kubelet names the image that it runs once it has it. */
function isPulled({ spec, status }: Pod): boolean {
  const statuses = status?.containerStatuses ?? []
  return statuses.length > 0 && statuses.length >= (spec?.containers.length ?? 0) && statuses.every(hasImage)
}

function hasImage({ imageID }: { readonly imageID: string }): boolean {
  return imageID !== ''
}
