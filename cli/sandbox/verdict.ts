// Whether it is worth waiting for a Sandbox to become ready.

import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { conditionOf } from './status.ts'

export type Verdict =
  | { readonly state: 'ready' }
  /** `hopeless` stays so until somebody changes something; `doubtful` may mend itself, as an image that is being pushed. */
  | { readonly state: 'waiting' | 'doubtful' | 'hopeless'; readonly reason: string; readonly message: string }

const HOPELESS: ReadonlySet<string> = new Set([
  'Invalid',
  'BaselineMissing',
  'NamespaceNotEnabled',
  'TooManySandboxes',
  'KeyTaken',
])

const DOUBTFUL: ReadonlySet<string> = new Set([
  'ImageNotPulled',
  'Crashing',
  'ContainerNotStarted',
  'Evicted',
  'QuotaExceeded',
  'Forbidden',
  'PodsRefused',
  'NoAgents',
])

/** Long enough for the kubelet to try a second time after 10 s, and for a node's agent to be replaced. */
export const DOUBT_MS = 12_000

export function verdictOf(sandbox: Sandbox): Verdict {
  const ready = conditionOf(sandbox, 'Ready')
  if (ready === undefined) {
    const message = `the controller has not said anything about it: kubectl -n sidetrack-system get pods`
    return { state: 'waiting', reason: 'NotSeenYet', message }
  }
  if (ready.status === 'True') return { state: 'ready' }
  const { reason, message } = ready
  if (HOPELESS.has(reason)) return { state: 'hopeless', reason, message }
  return { state: DOUBTFUL.has(reason) ? 'doubtful' : 'waiting', reason, message }
}

export interface Doubt {
  readonly reason: string
  /** Milliseconds on any clock that only goes forward. */
  readonly since: number
}

/** The doubt after `verdict`: it goes on for as long as the reason is the same. */
export function doubtAfter(before: Doubt | undefined, verdict: Verdict, now: number): Doubt | undefined {
  if (verdict.state !== 'doubtful') return undefined
  return before?.reason === verdict.reason ? before : { reason: verdict.reason, since: now }
}
