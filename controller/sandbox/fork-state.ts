// How a fork is doing: whether its own version answers, and if not, why not.

import { SIDECAR_NAME } from '../../core/annotations.ts'
import type { Event, Pod } from '../../kubernetes/resources/builtin.ts'
import { type LastLines, type Trouble, podTrouble, wantsLines } from './pod-trouble.ts'

/** On a fork's pod template: which version of the fork a pod is of. */
export const VERSION_ANNOTATION = 'sidetrack.dev/version'

/** What the API server knows of a fork's workload; undefined before it is there. */
export interface ForkWorkload {
  readonly uid: string
  readonly generation: number
  readonly observedGeneration: number
  /** The message of `ReplicaFailure`, where it is True. */
  readonly failure?: string | undefined
}

export interface ForkObservation {
  readonly replicas: number
  /** The `VERSION_ANNOTATION` of pods of the present version. */
  readonly version: string
  readonly workload: ForkWorkload | undefined
  /** All of the fork, of any version. */
  readonly pods: readonly Pod[]
  /** Of its pods and its workload. */
  readonly events: readonly Event[]
  readonly lastLines: LastLines
}

export interface ForkState extends Trouble {
  /** All replicas of the present version are ready, and no pod of another answers. */
  readonly available: boolean
  /** Pods of the present version that are ready. */
  readonly ready: readonly string[]
  /** What would tell more if it were fetched. */
  readonly wants: { readonly events: boolean; readonly lastLines: readonly string[] }
}

/** The worst first: of several pods, one is told of. */
const ORDER = [
  'ImageNotPulled',
  'Crashing',
  'ContainerNotStarted',
  'Evicted',
  'Unschedulable',
  'ProbeFails',
  'NotReady',
  'Starting',
]

export function forkState(fork: ForkObservation): ForkState {
  const alive = fork.pods.filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded',
  )
  const present = alive.filter(({ metadata }) => metadata.annotations?.[VERSION_ANNOTATION] === fork.version)
  const troubles = present.map((pod) => podTrouble(pod, eventsOf(fork.events, pod.metadata.uid), fork.lastLines))
  const ready = present.filter((_, index) => troubles[index] === undefined).map(({ metadata }) => metadata.name)
  const lastLines = present.flatMap((pod) => wantsLines(pod)).filter((id) => !id.endsWith(`/${SIDECAR_NAME}`))
  const wants = { events: false, lastLines }
  const others = alive.length - present.length
  if (ready.length >= fork.replicas && others === 0 && isSeen(fork)) {
    return { available: true, ready, reason: 'Available', message: '', wants: { events: false, lastLines: [] } }
  }
  const found = troubles.filter((trouble) => trouble !== undefined).toSorted((a, b) => rank(a) - rank(b))
  const refused = refusal(fork)
  const trouble = found[0] ??
    refused ?? { reason: others > 0 ? 'Updating' : 'Starting', message: waiting(fork, others) }
  const unexplained = ['Starting', 'NotReady', 'ContainerNotStarted', 'ProbeFails'].includes(trouble.reason)
  return { available: false, ready, ...trouble, wants: { ...wants, events: unexplained } }
}

function isSeen({ workload }: ForkObservation): boolean {
  return workload !== undefined && workload.observedGeneration >= workload.generation
}

function waiting({ workload, pods }: ForkObservation, others: number): string {
  if (others > 0) return 'pods of its version before are being replaced'
  return workload === undefined || pods.length === 0 ? 'its pods are being created' : 'its pods are being started'
}

/** Pods that are not even created: a quota, Pod Security, an admission webhook. */
function refusal({ workload, events }: ForkObservation): Trouble | undefined {
  const ofWorkload = eventsOf(events, workload?.uid).findLast(({ reason }) => reason === 'FailedCreate')
  const text = workload?.failure ?? ofWorkload?.note
  if (text === undefined) return undefined
  // `pods "cart--pr-42-6d4f-x7" is forbidden: …`: the name is another one each time.
  const why = text.replace(/^.*?(pods? "[^"]*" (is|are) )?(forbidden: |invalid: |denied the request: )/s, '').trim()
  if (why.includes('exceeded quota'))
    return { reason: 'QuotaExceeded', message: `its pods exceed the namespace's quota: ${why}` }
  if (why.includes('violates PodSecurity')) return { reason: 'Forbidden', message: `its pods are refused: ${why}` }
  return { reason: 'PodsRefused', message: `its pods are refused: ${why}` }
}

function eventsOf(events: readonly Event[], uid: string | undefined): readonly Event[] {
  return uid === undefined ? [] : events.filter(({ regarding }) => regarding?.uid === uid)
}

function rank({ reason }: Trouble): number {
  const place = ORDER.indexOf(reason)
  return place === -1 ? ORDER.length : place
}
