// Why a pod is not ready, in plain words: from what the kubelet and the scheduler say about it.

import type { Event, Pod } from '../../kubernetes/resources/builtin.ts'

export interface Trouble {
  /** CamelCase, the reason of a condition. */
  readonly reason: string
  /** The same for as long as the cause is the same: no times, no counts, no names that change. */
  readonly message: string
}

/** The last lines that a container wrote before it ended, by `pod/container`. */
export type LastLines = ReadonlyMap<string, readonly string[]>

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

const IMAGE_REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])
const CONFIG_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
  'PreCreateHookError',
])
/** Events that say why a container is not even created. */
const SETUP_EVENTS: ReadonlySet<string> = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedCreatePodSandBox',
  'FailedMapVolume',
  'NetworkNotReady',
])
const LINES = 5

/** Undefined if it is ready. `events` are those of the pod. */
export function podTrouble(pod: Pod, events: readonly Event[], lastLines: LastLines): Trouble | undefined {
  const { status = {} } = pod
  if (status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true) return undefined
  if (status.reason === 'Evicted')
    return { reason: 'Evicted', message: sentence('its pod was evicted', status.message) }
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') {
    return {
      reason: scheduled.reason ?? 'Unschedulable',
      message: sentence('it cannot be scheduled', scheduled.message),
    }
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  const troubles = containers.flatMap((each) => containerTrouble(pod, each, lastLines) ?? [])
  return troubles[0] ?? waitingTrouble(containers, pod, events)
}

/** Pods whose last lines would tell more: `pod/container`. */
export function wantsLines(pod: Pod): readonly string[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses]
    .filter((status) => isCrashing(status))
    .map(({ name }) => `${pod.metadata.name}/${name}`)
}

function containerTrouble(pod: Pod, status: Status, lastLines: LastLines): Trouble | undefined {
  const { name, image, state = {} } = status
  const { waiting } = state
  if (waiting?.reason !== undefined && IMAGE_REASONS.has(waiting.reason)) {
    return {
      reason: 'ImageNotPulled',
      message: sentence(`image ${image} of container ${name} cannot be pulled`, pullError(waiting.message)),
    }
  }
  if (waiting?.reason !== undefined && CONFIG_REASONS.has(waiting.reason)) {
    return { reason: 'ContainerNotStarted', message: sentence(`container ${name} cannot be started`, waiting.message) }
  }
  if (!isCrashing(status)) return undefined
  const ended = state.terminated ?? status.lastState?.terminated
  const how = ended === undefined ? 'ends again and again' : `ended ${howEnded(ended)}`
  const lines = (lastLines.get(`${pod.metadata.name}/${name}`) ?? ended?.message?.trim().split('\n') ?? [])
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return { reason: 'Crashing', message: sentence(`container ${name} ${how}`, lines.slice(-LINES).join('\n')) }
}

/** It ended with an error and is not ready since: it waits to be started again, or has been, to the same end as far as anybody knows. */
function isCrashing({ ready, state, lastState }: Status): boolean {
  const ended = state?.terminated ?? lastState?.terminated
  return !ready && (state?.waiting?.reason === 'CrashLoopBackOff' || (ended !== undefined && ended.exitCode !== 0))
}

function howEnded({
  reason,
  exitCode,
  signal,
}: {
  readonly reason?: string
  readonly exitCode: number
  readonly signal?: number
}): string {
  if (reason === 'OOMKilled') return 'because it used more memory than its limit'
  return signal === undefined || signal === 0 ? `with exit code ${exitCode}` : `by signal ${signal}`
}

function waitingTrouble(containers: readonly Status[], pod: Pod, events: readonly Event[]): Trouble {
  const setup = latest(events, (each) => SETUP_EVENTS.has(each.reason ?? ''))
  const isCreated = containers.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined)
  if (setup !== undefined && !isCreated)
    return { reason: 'ContainerNotStarted', message: sentence('its containers cannot be created', steady(setup.note)) }
  const init = pod.status?.initContainerStatuses?.find(
    ({ state, started }) => state?.running !== undefined && started !== true,
  )
  if (init !== undefined) return { reason: 'Starting', message: `init container ${init.name} has not ended yet` }
  const running = containers.find(({ ready, state }) => state?.running !== undefined && !ready)
  if (running === undefined) return { reason: 'Starting', message: 'its pod is being started' }
  const probe = latest(
    events,
    (each) => each.reason === 'Unhealthy' && (each.note ?? '').includes(running.started === true ? 'Readiness' : ''),
  )
  if (probe !== undefined)
    return { reason: 'ProbeFails', message: sentence(`container ${running.name} is not ready`, steady(probe.note)) }
  return { reason: 'NotReady', message: `container ${running.name} runs and is not ready yet` }
}

function latest(events: readonly Event[], wanted: (event: Event) => boolean): Event | undefined {
  return events
    .filter(wanted)
    .toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    .at(-1)
}

function timeOf({ series, eventTime, deprecatedLastTimestamp, metadata }: Event): string {
  return series?.lastObservedTime ?? eventTime ?? deprecatedLastTimestamp ?? metadata.creationTimestamp ?? ''
}

/** `Back-off pulling image "x": ErrImagePull: rpc error: …`: the cause alone, the same before and after the back-off began. */
function pullError(message = ''): string {
  const cause = message.split('ErrImagePull: ').at(-1) ?? ''
  return cause.replace(/^rpc error: code = \w+ desc = /, '').replace(/^Back-off pulling image .*$/, '')
}

/** Without what differs each time: identities of sandboxes and attempts. */
function steady(note = ''): string {
  return note.replaceAll(/\b[0-9a-f]{32,}\b/g, '…').replaceAll(/\(attempt \d+\)/g, '')
}

function sentence(what: string, why = ''): string {
  return why.trim() === '' ? what : `${what}: ${why.trim()}`
}
