// The life of sandboxes during a soak, one after the other: made, used, changed, used, ended; each announced to the ledgers.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Book } from './book.ts'
import { REFUSALS } from './expectation.ts'
import type { Ground } from './ground.ts'
import type { Load } from './load.ts'
import type { Random } from './random.ts'
import type { Sandboxes } from './sandboxes.ts'

export interface LifeParts {
  readonly ground: Ground
  readonly load: Load
  readonly book: Book
  readonly sandboxes: Sandboxes
}

const SERVICES = ['cart', 'pricing'] as const
/** For how long a sandbox is used between two changes, and how long the baseline is watched when it is gone. */
const USED_MS = [2000, 10_000] as const
const GONE_MS = [500, 2000] as const

export interface Life {
  readonly name: string
  /** So that fifty do not begin at once, and go on in step. */
  readonly delayMs: number
  readonly random: Random
}

/** One sandbox at a time, until the signal aborts; the last one is ended then. Answers how many there were. */
export async function liveOn({ name, delayMs, random }: Life, parts: LifeParts, signal: AbortSignal): Promise<number> {
  let count = 0
  await pause(delayMs, signal)
  while (!signal.aborted) {
    const key = `${name}-${++count}`
    await liveOnce(key, parts, random, signal).catch(async (error: unknown) => {
      parts.book.fail(key, error)
      await parts.load.forget(key)
      await parts.sandboxes.delete(key)
    })
  }
  return count
}

async function liveOnce(
  key: string,
  { ground, load, book, sandboxes }: LifeParts,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const service = random.pick(SERVICES)
  const cost = { key }
  await load.expect(key, service, 'baseline', key, ...REFUSALS)
  await book.during({ kind: 'a sandbox is made', is: 'change' }, cost, async () => {
    await sandboxes.apply(key, service, 0)
    await sandboxes.ready(key)
  })
  await load.expect(key, service, key)
  await pause(random.between(...USED_MS), signal)
  if (random.next() < 1 / 2 && !signal.aborted) {
    await book.during({ kind: 'a fork is replaced', is: 'change' }, cost, async () => {
      await sandboxes.apply(key, service, 1)
      await sandboxes.ready(key)
    })
    await pause(random.between(...USED_MS), signal)
  }
  await load.expect(key, service, 'baseline', key, ...REFUSALS)
  await book.during({ kind: 'a sandbox is ended', is: 'change' }, cost, async () => {
    await sandboxes.delete(key)
    await ground.programmed()
  })
  await load.expect(key, service, 'baseline')
  await pause(random.between(...GONE_MS), signal)
  await load.forget(key)
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}
