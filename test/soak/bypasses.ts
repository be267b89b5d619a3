// What the nodes announce of pods that bypass their sidecars, noted in the book of a soak.

import { setTimeout as sleep } from 'node:timers/promises'
import type { BypassingPod } from '../../kubernetes/resources/node-report.ts'
import type { Book } from './book.ts'
import type { Caller } from './expectation.ts'
import type { Ground } from './ground.ts'

const LOOK_MS = 500
/** The kernel passes a silent sidecar by after 3 s, the agent says so a little later, and a report is up to half a second old. */
const BEFORE_MS = 4500
const AFTER_MS = 1000

export async function watchBypasses(ground: Ground, book: Book, signal: AbortSignal): Promise<void> {
  const open = new Map<string, BypassingPod>()
  const close = (pod: BypassingPod) => {
    open.delete(pod.pod)
    const from = Date.parse(pod.since) - BEFORE_MS
    const cost = { caller: callerOf(pod.pod), bypass: true } as const
    const kind = 'a pod is announced to bypass its sidecar'
    book.note(
      { kind, is: 'change', from, to: Date.now() + AFTER_MS, cost },
      `${pod.pod}: ${pod.reason}, ${pod.message}`,
    )
  }
  while (!signal.aborted) {
    const now = await ground.bypassing().catch(() => undefined)
    if (now !== undefined) {
      for (const pod of open.values()) if (now.every((each) => each.pod !== pod.pod)) close(pod)
      for (const pod of now) if (!open.has(pod.pod)) open.set(pod.pod, pod)
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
  for (const pod of open.values()) close(pod)
}

/** `storefront-57894cd8d9-75qqf` is one of `storefront`; `cart--pr-42-…` is of no baseline. */
function callerOf(pod: string): Caller {
  return /^([a-z]+)-[0-9a-f]+-[0-9a-z]+$/.exec(pod)?.[1] ?? pod
}
