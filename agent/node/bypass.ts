// Why the calls of a pod that asked for a sidecar are not redirected, in words for a report. Pure.

import type { NodePod } from './node-pod.ts'
import type { Waiting } from './pod-plan.ts'

export interface Bypass {
  /** CamelCase. */
  readonly reason: 'NoSidecar' | 'SidecarDown' | 'NotRedirected' | 'OldConnections' | 'Removed'
  readonly message: string
}

/** What is known of a pod that has a sidecar. */
export interface KeptState {
  readonly waiting: Waiting | undefined
  /** Why the last step failed. */
  readonly trouble: string | undefined
  /** Why it must not be redirected. */
  readonly fault: string | undefined
  /** For how long its sidecar has not answered; undefined without one. Milliseconds. */
  readonly silentMs: number | undefined
  /** It may be on its way to an agent that has just started to listen. */
  readonly awaited: boolean
  readonly wasConnected: boolean
  /** For how long its sidecar's container has been running, as far as the agent knows. Milliseconds. */
  readonly runningMs: number
  /** Connections that are older than the redirects that they would go by, and go past them. */
  readonly oldConnections: number
}

/** The app waits for its redirects no longer than this (core/interception.ts, WAIT_COMMAND); the kernel waits as long for a sidecar. */
const PATIENCE_MS = 3000

/** What is still missing, by what the pod waits for. */
const AWAITED: Readonly<Partial<Record<Waiting | 'taken-up', string>>> = {
  'taken-up': 'the agent has not taken it up yet',
  'for-tables': 'the agent has not read the tables yet',
  'for-sidecar': 'its sidecar has not come to the agent yet',
  'for-applied': 'its sidecar has not taken the tables yet',
}

/** Undefined if they are redirected, or may still come to be so in time. `kept` is undefined for a pod without a sidecar. */
export function bypassOf(pod: NodePod, kept: KeptState | undefined): Bypass | undefined {
  if (pod.ended || pod.ending) return undefined
  if (kept === undefined) return pod.optedIn && pod.running ? withoutSidecar(pod) : undefined
  const { waiting, trouble, fault, silentMs, wasConnected, runningMs, oldConnections } = kept
  if (waiting === 'removed' || waiting === 'emptied')
    return { reason: 'Removed', message: 'Sidetrack is being removed: its redirects are gone' }
  if (fault !== undefined) return { reason: 'NotRedirected', message: fault }
  if (trouble !== undefined) return { reason: 'NotRedirected', message: trouble }
  if (silentMs === undefined && (wasConnected || hasStopped(pod)))
    return { reason: 'SidecarDown', message: 'its sidecar is gone, and has not come back yet' }
  if (silentMs !== undefined && silentMs > PATIENCE_MS)
    return { reason: 'SidecarDown', message: 'its sidecar does not answer' }
  if (waiting === 'draining') return { reason: 'SidecarDown', message: 'its sidecar is about to end' }
  if (waiting !== 'redirected' && runningMs > PATIENCE_MS)
    return { reason: 'NotRedirected', message: AWAITED[waiting ?? 'taken-up'] ?? 'its redirects are not in force yet' }
  if (oldConnections > 0) {
    const which = oldConnections === 1 ? 'a connection' : `${oldConnections} connections`
    return {
      reason: 'OldConnections',
      message: `${which} from before the redirects, which go past its sidecar; restart it, or wait for their end`,
    }
  }
  return undefined
}

/** Pods that are on their way for longer are said to bypass, and hold nobody up. */
const SETTLE_MS = 10_000

/** What a pod is still on its way to; undefined if it is there, or cannot come any further for now. */
export function onItsWay({ waiting, trouble, awaited, runningMs }: KeptState, removing: boolean): string | undefined {
  if (removing)
    return waiting === 'removed' || waiting === 'emptied'
      ? undefined
      : `is still redirected: ${trouble ?? 'not yet done'}`
  if (trouble !== undefined || runningMs === 0 || runningMs > SETTLE_MS) return undefined
  if (waiting === undefined || waiting === 'for-tables') return 'is looked for'
  if (waiting === 'for-sidecar') return awaited ? 'waits for its sidecar' : undefined
  return waiting === 'for-applied' ? 'waits for its sidecar to take the tables' : undefined
}

/** A pod runs only after its sidecar did: an agent that is new finds one that waits to be started again. */
function hasStopped({ running, sidecar }: NodePod): boolean {
  return running && sidecar !== undefined && sidecar.running === undefined
}

function withoutSidecar({ refusal }: NodePod): Bypass {
  return {
    reason: 'NoSidecar',
    message:
      refusal ??
      'it got no sidecar: the webhook was away when it was created, or it has asked for one only since; delete the pod to have it made anew',
  }
}
