// Asks for what is not followed, where it would explain why a fork is not ready: events, and the last lines of containers that crash.

import type { Client } from '../../kubernetes/client.ts'
import { KubernetesError } from '../../kubernetes/kubernetes-error.ts'
import { EVENTS, type Event, type Pod } from '../../kubernetes/resources/builtin.ts'
import type { Log } from '../../runtime/log.ts'
import { place } from '../view/view.ts'
import { type ForkObservation, type ForkState, forkState } from '../sandbox/fork-state.ts'

/** A fork is given so long before anybody asks why it is not ready. */
const PATIENCE_MS = 5000
/** Events are asked for again after so long. */
const EVENTS_MS = 10_000
const LINES = 5
/** Of a fork whose pods all have the same trouble, one tells. */
const PODS = 1

interface Known {
  events: readonly Event[]
  askedAt: number
  lastLines: ReadonlyMap<string, readonly string[]>
  /** Of which ends of containers the lines are. */
  ends: string
}

export interface InquiredFork {
  readonly namespace: string
  /** Of its workload. */
  readonly name: string
  /** When it was made, milliseconds since 1970. */
  readonly since: number
}

type Seen = Omit<ForkObservation, 'events' | 'lastLines'>

export interface Inquired {
  readonly state: ForkState
  /** When it is worth looking again, in milliseconds. */
  readonly againMs: number | undefined
}

export class Inquiry {
  readonly #client: Client
  readonly #log: Log
  /** By fork, those in trouble only. */
  readonly #known = new Map<string, Known>()

  constructor(client: Client, log: Log) {
    this.#client = client
    this.#log = log
  }

  async state(fork: InquiredFork, observation: Seen, now: number, signal: AbortSignal): Promise<Inquired> {
    const id = place(fork.namespace, fork.name)
    const known = this.#known.get(id) ?? NOTHING
    const state = forkState({ ...observation, events: known.events, lastLines: known.lastLines })
    const { wants } = state
    if (!wants.events && wants.lastLines.length === 0) {
      if (state.available) this.#known.delete(id)
      return { state, againMs: undefined }
    }
    const next: Known = { ...known }
    const waits = fork.since + PATIENCE_MS - now
    if (wants.lastLines.length > 0) await this.#ask(next, observation.pods, wants.lastLines, signal)
    if (wants.events && waits <= 0 && now - known.askedAt >= EVENTS_MS) {
      next.events = await this.#events(fork.namespace, observation, signal)
      next.askedAt = now
    }
    this.#known.set(id, next)
    const told = forkState({ ...observation, events: next.events, lastLines: next.lastLines })
    if (!wants.events) return { state: told, againMs: undefined }
    return { state: told, againMs: waits > 0 ? waits : EVENTS_MS }
  }

  forget({ namespace, name }: Omit<InquiredFork, 'since'>): void {
    this.#known.delete(place(namespace, name))
  }

  async #ask(known: Known, pods: readonly Pod[], wanted: readonly string[], signal: AbortSignal): Promise<void> {
    const asked = wanted.slice(0, PODS).map((id) => endOf(pods, id))
    const ends = asked.map(({ id, restarts }) => `${id} ${restarts}`).join(' ')
    if (ends === known.ends) return
    const found = new Map<string, readonly string[]>()
    for (const { id, pod, container, isBack } of asked) {
      if (pod === undefined) continue
      const { namespace, name } = pod.metadata
      const text = await this.#quietly(
        this.#client.log({ namespace, name }, { container, lines: LINES, previous: isBack }, signal),
        signal,
      )
      if (text !== undefined) found.set(id, text.trimEnd().split('\n'))
    }
    known.lastLines = found
    known.ends = ends
  }

  async #events(namespace: string, { pods, workload }: Seen, signal: AbortSignal): Promise<readonly Event[]> {
    const pod = pods.find(({ status }) => !isReady(status?.conditions)) ?? pods[0]
    const uids = [pod?.metadata.uid, workload?.uid].filter((uid) => uid !== undefined)
    const found: Event[] = []
    for (const uid of uids) {
      const selection = { namespace, fieldSelector: `regarding.uid=${uid}` }
      const page = await this.#quietly(this.#client.list(EVENTS, selection, signal), signal)
      found.push(...(page?.items ?? []))
    }
    return found
  }

  /** It only explains: what cannot be had is done without. */
  async #quietly<R>(answer: Promise<R>, signal: AbortSignal): Promise<R | undefined> {
    try {
      return await answer
    } catch (error) {
      if (signal.aborted || !(error instanceof KubernetesError)) throw error
      this.#log.debug({ err: error }, 'a fork cannot be explained further')
      return undefined
    }
  }
}

const NOTHING: Known = { events: [], askedAt: 0, lastLines: new Map(), ends: '' }

function isReady(conditions: readonly { readonly type: string; readonly status: string }[] = []): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function endOf(pods: readonly Pod[], id: string) {
  const [name, container = ''] = id.split('/')
  const pod = pods.find(({ metadata }) => metadata.name === name)
  const { initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {}
  const status = [...initContainerStatuses, ...containerStatuses].find((each) => each.name === container)
  // One that ended and was not started again yet is not "previous".
  return {
    id,
    pod,
    container,
    restarts: status?.restartCount ?? 0,
    isBack: status?.state?.terminated === undefined && status?.state?.waiting === undefined,
  }
}
