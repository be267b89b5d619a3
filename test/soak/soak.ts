// One soak: sandboxes that live and faults that happen under load, until its time is over; then what came of all requests.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Scope } from '../e2e/stage/scope.ts'
import { account, isUnkeyed, type Wrong } from './account.ts'
import { Book } from './book.ts'
import { watchBypasses } from './bypasses.ts'
import { FAULTS, type FaultParts } from './faults.ts'
import { Ground } from './ground.ts'
import { coursesOf, Growth } from './growth.ts'
import { liveOn } from './life.ts'
import { Load } from './load.ts'
import { Random } from './random.ts'
import { leftOver, remainsOn } from './remains.ts'
import type { Found } from './report.ts'
import { Sandboxes } from './sandboxes.ts'

export interface SoakOptions {
  /** Of the cluster; one of this name that is up is used. */
  readonly name: string
  readonly minutes: number
  readonly seed: number
  /** At most so many at a time. */
  readonly sandboxes: number
  /** Of each ledger, in a second. */
  readonly rate: number
  /** Names of faults; none for load and sandboxes alone. */
  readonly faults: readonly string[]
}

const REST_MS = [0, 2000] as const
const APART_MS = 1000

export async function soak(t: Scope, options: SoakOptions, say: (line: string) => void): Promise<Found> {
  const ground = await Ground.take(t, options.name, say)
  await ground.calm()
  const before = await remainsOn(ground)
  say(`at rest: ${JSON.stringify(before)}`)

  const load = new Load(ground.ledgers, ground.control, options)
  const book = new Book(say)
  const sandboxes = new Sandboxes(ground.stage.api, ground.namespace)
  const growth = new Growth(options.name)
  const parts = { ground, load, book, sandboxes }
  const over = new AbortController()
  const overAll = new AbortController()
  setTimeout(() => over.abort(), options.minutes * 60_000)
  t.teardown(() => overAll.abort())

  await load.start()
  const watching = growth.watch(overAll.signal)
  const looking = sandboxes.watch(book, overAll.signal)
  const announced = watchBypasses(ground, book, overAll.signal)
  const talking = keepTalking(load, overAll.signal)
  const lives = Array.from({ length: options.sandboxes }, (_, i) =>
    liveOn({ name: `life-${i}`, delayMs: i * APART_MS, random: new Random(options.seed + 1 + i) }, parts, over.signal),
  )
  const faults = makeFaults(options, { ...parts, random: new Random(options.seed) }, book, over.signal)
  const [counts] = await Promise.all([Promise.all(lives), faults])
  await ground.calm()
  const { wrong, sent, lostWithout } = await closeAll(load)
  overAll.abort()
  await Promise.all([watching, looking, announced, talking])
  return {
    account: account(book.windows, wrong),
    sent,
    lostWithout,
    courses: coursesOf(growth.samples),
    left: await leftOver(ground, before),
    failures: book.failures,
    sandboxes: counts.reduce((sum, count) => sum + count, 0),
    faults: book.faults,
  }
}

/** Every kind once, then every kind again, each time in another order. */
async function makeFaults({ faults }: SoakOptions, parts: FaultParts, book: Book, signal: AbortSignal): Promise<void> {
  const { load, random } = parts
  while (faults.length > 0 && !signal.aborted) {
    for (const kind of random.shuffled(faults)) {
      await sleep(random.between(...REST_MS))
      if (signal.aborted) return
      await makeFault(kind, parts, book).catch((error: unknown) => book.fail(kind, error))
      await load.except()
    }
  }
}

async function makeFault(kind: string, parts: FaultParts, book: Book): Promise<void> {
  const plan = await FAULTS[kind]?.(parts)
  if (plan === undefined) throw new Error(`no fault is called ${kind}`)
  await parts.load.except(...(plan.exceptions ?? []))
  await book.during({ kind, is: 'fault' }, undefined, async (costs) => {
    const cost = await plan.make()
    if (cost !== undefined) costs(cost)
    await parts.ground.calm()
  })
}

/** A ledger that nobody asks for long stops sending. */
async function keepTalking(load: Load, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(load.all.map((ledger) => ledger.page(Infinity).catch(() => undefined)))
    await sleep(5000, undefined, { signal }).catch(() => undefined)
  }
}

/** Sends nothing any more, and answers what came of all that was sent. */
async function closeAll(load: Load): Promise<Pick<Found, 'sent' | 'lostWithout'> & { wrong: readonly Wrong[] }> {
  const wrong: Wrong[] = []
  const sent = { baseline: 0, keyed: 0 }
  for (const ledger of load.ledgers) {
    const { right } = await ledger.close()
    await ledger.renew()
    for (const [errand, count] of Object.entries(right)) sent[isUnkeyed({ errand }) ? 'baseline' : 'keyed'] += count
    for (const entry of await ledger.wrong()) {
      wrong.push({ ...entry, ledger: ledger.name })
      sent[isUnkeyed(entry) ? 'baseline' : 'keyed']++
    }
  }
  await load.control.close()
  return { wrong, sent, lostWithout: (await load.control.wrong()).length }
}
