// The Sandboxes of a soak as the API server has them: one list answers for all who wait.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Condition } from '../../kubernetes/resources/meta.ts'
import type { Route } from '../../kubernetes/resources/route.ts'
import type { Sandbox } from '../../kubernetes/resources/sandbox.ts'
import { type Api, eventually } from '../e2e/stage/api.ts'
import type { Book } from './book.ts'

/** Faults make it take longer, and so do machines that do much else. */
const PATIENCE_MS = 300_000
const FRESH_MS = 400

interface Look {
  readonly at: number
  readonly sandboxes: readonly Sandbox[]
  readonly routes: readonly Route[]
}

/** How often is looked, and how much later than its time of a whole second something may have happened. */
const LOOK_MS = 500
const SECOND_MS = 1000
const UNREADY = 'a fork was not ready for a while'

export class Sandboxes {
  readonly #api: Api
  readonly #namespace: string
  readonly #path: string
  #look: Promise<Look> | undefined

  constructor(api: Api, namespace: string) {
    this.#api = api
    this.#namespace = namespace
    this.#path = `/apis/sidetrack.dev/v1alpha1/namespaces/${namespace}`
  }

  /** One fork of `service`; `round` is a variable of it, so that another one is another version. Tries until the API server takes it. */
  async apply(name: string, service: string, round: number): Promise<void> {
    const env = [{ container: service, name: 'ROUND', value: String(round) }]
    const sandbox = {
      apiVersion: 'sidetrack.dev/v1alpha1',
      kind: 'Sandbox',
      metadata: { name, namespace: this.#namespace },
      spec: { forks: [{ of: { kind: 'Deployment', name: service }, env }] },
    }
    await eventually(async () => {
      await this.#api.apply(`${this.#path}/sandboxes/${name}`, sandbox)
      return true
    }, PATIENCE_MS)
  }

  /** Resolves when the controller says of what was applied last that the next request reaches the fork. */
  async ready(name: string): Promise<void> {
    await this.#ready(name, false)
  }

  async readyOrGone(name: string): Promise<void> {
    await this.#ready(name, true)
  }

  async #ready(name: string, orGone: boolean): Promise<void> {
    const since = Date.now()
    await eventually(async () => {
      const { at, sandboxes } = await this.#latest()
      const sandbox = sandboxes.find(({ metadata }) => metadata.name === name)
      if (orGone && (sandbox === undefined || sandbox.metadata.deletionTimestamp !== undefined)) return true
      const ready = sandbox?.status?.conditions?.find(({ type }) => type === 'Ready')
      const isCurrent = at > since && ready?.observedGeneration === sandbox?.metadata.generation
      if (isCurrent && ready?.status === 'True') return true
      throw new Error(`sandbox ${name} is not ready: ${JSON.stringify(sandbox?.status?.conditions)}`)
    }, PATIENCE_MS)
  }

  /** Resolves when neither it nor a route of it is left. */
  async delete(name: string): Promise<void> {
    let isTold = false
    await eventually(async () => {
      if (!isTold) await this.#api.delete(`${this.#path}/sandboxes/${name}`).catch(unlessGone)
      isTold = true
      const { sandboxes, routes } = await this.#latest()
      return (
        sandboxes.every(({ metadata }) => metadata.name !== name) && routes.every(({ spec }) => spec.sandbox !== name)
      )
    }, PATIENCE_MS)
  }

  /** Notes in `book` when a sandbox said that it was not ready after it had been: then its fork need not answer. */
  async watch(book: Book, signal: AbortSignal): Promise<void> {
    const known = new Map<string, { now: Condition; generation: number | undefined }>()
    while (!signal.aborted) {
      const look = await this.#latest().catch(() => undefined)
      for (const { metadata, status } of look?.sandboxes ?? []) {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')
        const before = known.get(metadata.name)
        if (ready === undefined || (before === undefined && ready.status !== 'True')) continue
        const isReady = ready.status === 'True'
        known.set(metadata.name, { now: ready, generation: isReady ? ready.observedGeneration : before?.generation })
        // A change of its own makes it unready as well, and is announced.
        if (!isReady || before === undefined || before.generation !== ready.observedGeneration) continue
        if (before.now.lastTransitionTime === ready.lastTransitionTime) continue
        const from = Date.parse(before.now.lastTransitionTime)
        const to = Date.parse(ready.lastTransitionTime) + SECOND_MS
        const why = `${metadata.name}: ${before.now.message}`
        book.note({ kind: UNREADY, is: 'change', from, to, cost: { key: metadata.name } }, why)
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #latest(): Promise<Look> {
    const last = await this.#look?.catch(() => undefined)
    if (last !== undefined && Date.now() - last.at < FRESH_MS) return last
    const current = await this.#look?.catch(() => undefined)
    if (current === last) this.#look = this.#ask()
    return this.#look ?? this.#ask()
  }

  async #ask(): Promise<Look> {
    const at = Date.now()
    const [sandboxes, routes] = await Promise.all([
      this.#api.get<{ items: readonly Sandbox[] }>(`${this.#path}/sandboxes`),
      this.#api.get<{ items: readonly Route[] }>(`${this.#path}/routes`),
    ])
    return { at, sandboxes: sandboxes.items, routes: routes.items }
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Error && error.message.includes(': 404 '))) throw error
}
