// Leads while this replica holds the Lease, and never longer: a term ends before another replica may begin its own.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../kubernetes/client.ts'
import { KubernetesError } from '../kubernetes/kubernetes-error.ts'
import { getLease, putLease } from '../kubernetes/lease.ts'
import type { Lease } from '../kubernetes/resources/builtin.ts'
import { SidetrackError } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { aborted } from '../runtime/program.ts'
import { decideLease, heldLease, releasedLease } from './lease.ts'

export interface LeaseTiming {
  /** Others wait for so long after the last renewal that they saw. */
  readonly durationSeconds: number
  /** A leader that has not renewed for so long stops; the difference is its time to end what it does. */
  readonly deadlineMs: number
  readonly retryMs: number
}

/** What became of an attempt to hold the Lease. `missed`: it was changed in between, and has to be looked at again. */
type Attempt = 'held' | 'other' | 'missed'

/** As Kubernetes' own controllers. */
export const LEASE_TIMING: LeaseTiming = { durationSeconds: 15, deadlineMs: 10_000, retryMs: 2000 }

export interface Candidate {
  readonly client: Client
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Unlike that of every other candidate that runs at the same time. */
  readonly identity: string
  readonly timing: LeaseTiming
  readonly log: Log
  /** Is called when a term begins; its signal aborts when the term ends. What it rejects with ends the candidacy. */
  readonly lead: (term: AbortSignal) => Promise<void>
}

/** Resolves when the signal has aborted and the Lease is released. Rejects with ST2006 if a leader does not stop in time: end the process. */
export async function campaign(candidate: Candidate, signal: AbortSignal): Promise<void> {
  await new Campaign(candidate).run(signal)
}

class Campaign {
  readonly #candidate: Candidate
  #seen: { readonly version: string | undefined; readonly changedAt: number } = { version: undefined, changedAt: 0 }
  /** As the API server answered the last write with it: while it is so, one request renews it. */
  #held: Lease | undefined

  constructor(candidate: Candidate) {
    this.#candidate = candidate
  }

  async run(signal: AbortSignal): Promise<void> {
    const { timing, log } = this.#candidate
    while (!signal.aborted) {
      const asked = performance.now()
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timing.deadlineMs)])
      const attempt = await this.#hold(false, limit).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'the lease cannot be had')
      })
      if (attempt === 'held') await this.#term(asked, signal)
      else await pause(timing.retryMs * (1 + Math.random() / 5), signal)
    }
  }

  /** `renewedAt` is from before the request: the Lease began after it. */
  async #term(renewedAt: number, signal: AbortSignal): Promise<void> {
    const { lead, log, lease } = this.#candidate
    log.info({ lease: lease.name }, 'leading')
    const term = new AbortController()
    const work = lead(AbortSignal.any([signal, term.signal]))
    const renewal = this.#renew(renewedAt, AbortSignal.any([signal, term.signal]))
    try {
      await Promise.race([renewal, work.then(() => aborted(signal))])
    } finally {
      term.abort()
    }
    const lastRenewal = await renewal
    await this.#ended(work, lastRenewal)
    log.info({ lease: lease.name }, 'no longer leading')
    if (signal.aborted) await this.#release().catch((error: unknown) => log.debug({ err: error }, 'lease not released'))
  }

  /** Resolves with the last renewal when the signal aborts, somebody else holds the Lease, or the deadline has passed. */
  async #renew(since: number, signal: AbortSignal): Promise<number> {
    const { timing, log } = this.#candidate
    let renewedAt = since
    while (!signal.aborted) {
      await pause(Math.min(timing.retryMs, renewedAt + timing.deadlineMs - performance.now()), signal)
      const left = renewedAt + timing.deadlineMs - performance.now()
      if (left <= 0) {
        log.error({ code: 'ST2006' }, 'the lease could not be renewed in time')
        break
      }
      const asked = performance.now()
      try {
        const attempt = await this.#hold(true, AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(left))]))
        if (attempt === 'other') break
        if (attempt === 'held') renewedAt = asked
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'the lease was not renewed; again soon')
      }
    }
    return renewedAt
  }

  async #ended(work: Promise<void>, renewedAt: number): Promise<void> {
    const left = renewedAt + this.#candidate.timing.durationSeconds * 1000 - performance.now()
    const late = Symbol('late')
    const timer = new AbortController()
    const first = await Promise.race([work, sleep(Math.max(0, left), late, { signal: timer.signal })])
    timer.abort()
    if (first === late)
      throw new SidetrackError('ST2006', 'the controller lost its lease and did not stop what it was doing in time')
  }

  /** `still`: it is held already, and only to be renewed. Throws what the API server says. */
  async #hold(still: boolean, signal: AbortSignal): Promise<Attempt> {
    const { client, lease, identity } = this.#candidate
    if (still && this.#held !== undefined && (await this.#put(this.#held, signal))) return 'held'
    const found = await getLease(client, lease, signal)
    const spec = found?.spec ?? {}
    const version = found?.metadata.resourceVersion
    if (version !== this.#seen.version) this.#seen = { version, changedAt: performance.now() }
    // Who leads and finds another name in it has been away for too long, whatever became of the other one.
    if (still && found !== undefined && spec.holderIdentity !== identity) return 'other'
    if (decideLease({ spec, changedAt: this.#seen.changedAt }, identity, performance.now()) === 'wait') return 'other'
    return (await this.#put(found, signal)) ? 'held' : 'missed'
  }

  /** False if it is another one by now. A busy API server takes its time for each request: what is known is not read again. */
  async #put(known: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, lease, identity, timing } = this.#candidate
    const term = heldLease(known?.spec ?? {}, identity, timing.durationSeconds, new Date())
    this.#held = undefined
    this.#held = await putLease(client, lease, known, term, signal).catch((error: unknown) => {
      if (error instanceof KubernetesError && error.code === 'ST3005') return undefined
      throw error
    })
    return this.#held !== undefined
  }

  async #release(): Promise<void> {
    const { client, lease, identity, timing } = this.#candidate
    const signal = AbortSignal.timeout(timing.retryMs)
    const found = await getLease(client, lease, signal)
    if (found?.spec?.holderIdentity !== identity) return
    await putLease(client, lease, found, releasedLease(found.spec, new Date()), signal)
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, { signal }).catch(() => {})
}
