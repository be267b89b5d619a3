// Work in steps, one after the other, each waited for and shown while it lasts.

import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '../core/duration.ts'
import { SidetrackError } from '../runtime/errors.ts'
import { startProgress } from './progress.ts'
import type { Screen } from './session.ts'

export interface WorkStep {
  readonly text: string
  /** Called until it says that it is done; what it says meanwhile is shown. */
  readonly work: (signal: AbortSignal) => Promise<'done' | { readonly waitingFor: string }>
}

const AGAIN_MS = 250

/** Throws ST4004 with what it waits for when all of them together take longer than `timeoutMs`. */
export async function workThrough(
  steps: readonly WorkStep[],
  timeoutMs: number,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const doneAfter: number[] = []
  let note = ''
  const state = () => ({
    steps: steps.map(({ text }, index) => ({ text, doneAfterMs: doneAfter[index] })),
    note,
    elapsedMs: elapsed(),
  })
  const progress = startProgress(screen, state)
  try {
    for (const { text, work } of steps) {
      for (;;) {
        const result = await work(signal)
        if (result === 'done') break
        note = result.waitingFor
        if (elapsed() > timeoutMs) {
          const why = note === '' ? '' : `: ${note}`
          throw new SidetrackError('ST4004', `${text}: not done after ${formatDuration(timeoutMs)}${why}`)
        }
        await sleep(AGAIN_MS, undefined, { signal })
      }
      doneAfter.push(elapsed())
      note = ''
      progress.show(state())
    }
  } finally {
    progress.end()
  }
}
