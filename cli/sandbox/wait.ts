// Waits until a Sandbox is ready: until the next request with its key goes to its forks, on every node.

import type { Client } from '../../kubernetes/client.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { formatDuration } from '../../core/duration.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { type ProgressState, startProgress } from '../progress.ts'
import type { Screen } from '../session.ts'
import { type Followed, followSandbox } from './follow.ts'
import { type Done, type Reached, type SandboxView, reachedAfter, visiblePhases } from './phases.ts'
import { fullName } from './status.ts'
import { DOUBT_MS, type Doubt, doubtAfter, verdictOf } from './verdict.ts'

export interface Waiting {
  readonly timeoutMs: number
  /** What was done to it, and milliseconds that this took already. */
  readonly written: { readonly done: Done; readonly afterMs: number }
  readonly screen: Screen
}

/** How often the clock is looked at. */
const TICK_MS = 100

/** The Sandbox that is ready. Throws ST4003 if it cannot become so, ST4004 if it does not in time, or the signal's reason. */
export async function waitForReady(
  client: Client,
  written: Sandbox,
  options: Waiting,
  signal: AbortSignal,
): Promise<Sandbox> {
  const ended = new AbortController()
  const wait = new ReadyWait(written, options)
  const { namespace = '', name } = written.metadata
  const timer = setInterval(() => wait.tick(), TICK_MS)
  signal.addEventListener('abort', () => wait.fail(signal.reason), { once: true, signal: ended.signal })
  followSandbox(
    client,
    { namespace, name },
    (followed) => wait.heard(followed),
    (error) => wait.fail(error),
    ended.signal,
  )
  try {
    return await wait.outcome
  } finally {
    ended.abort()
    clearInterval(timer)
    wait.end()
  }
}

class ReadyWait {
  readonly #options: Waiting
  readonly #result = Promise.withResolvers<Sandbox>()
  readonly #startedAt: number
  readonly #progress
  #view: SandboxView
  #reached: Reached
  #doubt: Doubt | undefined

  constructor(written: Sandbox, options: Waiting) {
    this.#options = options
    this.#startedAt = performance.now() - options.written.afterMs
    this.#view = { sandbox: written, pods: undefined }
    this.#reached = new Map([['written', options.written.afterMs]])
    this.#progress = startProgress(options.screen, () => this.#state())
  }

  get outcome(): Promise<Sandbox> {
    return this.#result.promise
  }

  heard({ sandbox, pods }: Followed): void {
    if (sandbox === undefined) {
      this.fail(new SidetrackError('ST3005', `sandbox ${fullName(this.#view.sandbox)} was deleted meanwhile`))
      return
    }
    // What was known before it was changed says nothing.
    if ((sandbox.metadata.generation ?? 0) < (this.#view.sandbox.metadata.generation ?? 0)) return
    this.#view = { sandbox, pods }
    this.#reached = reachedAfter(this.#reached, this.#view, this.#elapsed())
    this.#progress.show(this.#state())
    if (verdictOf(sandbox).state === 'ready') this.#result.resolve(sandbox)
    else this.tick()
  }

  tick(): void {
    const { sandbox } = this.#view
    const verdict = verdictOf(sandbox)
    if (verdict.state === 'ready') return
    const now = performance.now()
    this.#doubt = doubtAfter(this.#doubt, verdict, now)
    const lasting = this.#doubt !== undefined && now - this.#doubt.since >= DOUBT_MS
    const why = `${verdict.reason}: ${verdict.message}`
    if (verdict.state === 'hopeless' || lasting)
      this.fail(new SidetrackError('ST4003', `sandbox ${fullName(sandbox)} cannot become ready: ${why}`))
    else if (this.#elapsed() > this.#options.timeoutMs)
      this.fail(
        new SidetrackError(
          'ST4004',
          `sandbox ${fullName(sandbox)} is not ready after ${formatDuration(this.#options.timeoutMs)}: ${why}`,
        ),
      )
  }

  fail(error: unknown): void {
    this.#result.reject(error)
  }

  end(): void {
    this.#progress.end()
  }

  #elapsed(): number {
    return performance.now() - this.#startedAt
  }

  #state(): ProgressState {
    const verdict = verdictOf(this.#view.sandbox)
    return {
      steps: visiblePhases(this.#view).map(({ phase, text }) => ({
        text: phase === 'written' ? this.#options.written.done : text,
        doneAfterMs: this.#reached.get(phase),
      })),
      note: verdict.state === 'ready' ? '' : `${verdict.reason}: ${verdict.message}`,
      elapsedMs: this.#elapsed(),
    }
  }
}
