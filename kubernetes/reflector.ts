// Follows the objects of one resource: lists them, then watches for changes, through lost connections, restarts and compactions.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../runtime/log.ts'
import { backOff } from './back-off.ts'
import type { Client } from './client.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { type Resource, type Selection, resourceName } from './resource.ts'
import type { KubernetesObject, ObjectMeta } from './resources/meta.ts'
import { mustListAgain, watchEvents } from './watch-events.ts'

/** What is left of an object at least. */
export interface Stored {
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'resourceVersion'>
}

/**
 * Called in the order of the changes, each change once. `resourceVersion` is the one up to which everything has been said.
 * A handler must not throw: that ends the reflector.
 */
export interface ReflectorHandler<T> {
  /** These objects and no others: at the start, and whenever the thread of changes was lost. */
  replaced(objects: readonly T[], resourceVersion: string): void
  put(object: T, resourceVersion: string): void
  /** The object in its last state. */
  removed(object: T, resourceVersion: string): void
  /** Nothing has changed up to here. */
  bookmark(resourceVersion: string): void
}

export interface ReflectorOptions extends Selection {
  readonly log: Log
  readonly timing?: ReflectorTiming
}

export interface Transforming<T, U> {
  /** What to keep of an object. Its `managedFields` are gone already. */
  readonly transform: (object: T) => U
}

export interface ReflectorTiming {
  /** The API server sends bookmarks about every minute, under load later: when nothing comes for much longer, the connection is dead or the server hangs. */
  readonly silenceMs: number
  /** Watches end by themselves after this time up to twice of it, so that they spread over the API servers again. */
  readonly watchSeconds: number
  /** The first delay after a failure, the longest one, and how long a watch must have lived for the delays to start anew. */
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  readonly steadyMs: number
}

export const REFLECTOR_TIMING: ReflectorTiming = {
  silenceMs: 150_000,
  watchSeconds: 300,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  steadyMs: 5_000,
}

export interface ReflectorState {
  readonly resource: string
  /** Up to which everything has been said; undefined before the first list and while everything is listed again. */
  readonly resourceVersion: string | undefined
  /** A watch is open. */
  readonly watching: boolean
  /** Why it is not, since when it failed last. */
  readonly error: KubernetesError | undefined
  readonly lists: number
  readonly watches: number
}

export interface Reflector {
  readonly state: ReflectorState
  /** Resolves when the signal has ended it and nothing is open any more; rejects with what a handler threw. */
  readonly done: Promise<void>
}

export function startReflector<T extends KubernetesObject, U extends Stored>(
  client: Client,
  resource: Resource<T>,
  options: ReflectorOptions & Transforming<T, U>,
  handler: ReflectorHandler<U>,
  signal: AbortSignal,
): Reflector
export function startReflector<T extends KubernetesObject>(
  client: Client,
  resource: Resource<T>,
  options: ReflectorOptions,
  handler: ReflectorHandler<T>,
  signal: AbortSignal,
): Reflector
export function startReflector<T extends KubernetesObject>(
  client: Client,
  resource: Resource<T>,
  options: ReflectorOptions & Partial<Transforming<T, T>>,
  handler: ReflectorHandler<T>,
  signal: AbortSignal,
): Reflector {
  const run = new Run(client, resource, options, handler, signal)
  return { state: run, done: run.follow() }
}

class Run<T extends KubernetesObject> implements ReflectorState {
  readonly resource: string
  resourceVersion: string | undefined
  watching = false
  error: KubernetesError | undefined
  lists = 0
  watches = 0
  readonly #client: Client
  readonly #resource: Resource<T>
  readonly #options: ReflectorOptions & Partial<Transforming<T, T>>
  readonly #timing: ReflectorTiming
  readonly #handler: ReflectorHandler<T>
  readonly #signal: AbortSignal
  #openedAt = 0

  constructor(
    client: Client,
    resource: Resource<T>,
    options: ReflectorOptions & Partial<Transforming<T, T>>,
    handler: ReflectorHandler<T>,
    signal: AbortSignal,
  ) {
    this.resource = resourceName(resource)
    this.#client = client
    this.#resource = resource
    this.#options = options
    this.#timing = options.timing ?? REFLECTOR_TIMING
    this.#handler = handler
    this.#signal = signal
  }

  async follow(): Promise<void> {
    let failures = 0
    let whole = false
    while (!this.#signal.aborted) {
      try {
        this.resourceVersion ??= await this.#list(whole)
        await this.#watch(this.resourceVersion)
        whole = false
        if (this.#steady()) failures = 0
        // A watch that the server ended in good order is opened again at once, unless that would become a habit.
        if (failures++ === 0) continue
      } catch (error) {
        if (this.#signal.aborted) return
        if (!(error instanceof KubernetesError)) throw error
        failures = this.#steady() ? 1 : failures + 1
        // A list whose later pages are gone before they are read is asked for in one piece.
        if (mustListAgain(error)) {
          whole = this.resourceVersion === undefined
          this.resourceVersion = undefined
        }
        this.#failed(error)
      } finally {
        this.watching = false
      }
      const delay = Math.max(backOff(failures, this.#timing), (this.error?.retryAfterSeconds ?? 0) * 1000)
      await sleep(delay, undefined, { signal: this.#signal }).catch(() => {})
    }
  }

  async #list(whole: boolean): Promise<string> {
    const objects: T[] = []
    let resourceVersion = ''
    for await (const page of this.#client.pages(this.#resource, this.#options, { signal: this.#signal, whole })) {
      for (const object of page.items) objects.push(this.#kept(object))
      ;({ resourceVersion } = page)
    }
    this.lists++
    this.#handler.replaced(objects, resourceVersion)
    return resourceVersion
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { silenceMs, watchSeconds } = this.#timing
    const timeoutSeconds = Math.ceil(watchSeconds * (1 + Math.random()))
    const range = { resourceVersion, timeoutSeconds, silenceMs }
    const stream = await this.#client.watch(this.#resource, this.#options, range, this.#signal)
    this.#opened()
    const call = { verb: 'watch', resource: this.#resource, at: { namespace: this.#options.namespace } }
    for await (const events of watchEvents<T>(call, this.#client.server, stream)) {
      for (const { type, object } of events) {
        if (this.#signal.aborted) return
        const reached = object.metadata.resourceVersion ?? ''
        if (type === 'BOOKMARK') this.#handler.bookmark(reached)
        else if (type === 'DELETED') this.#handler.removed(this.#kept(object), reached)
        else this.#handler.put(this.#kept(object), reached)
        this.resourceVersion = reached
      }
    }
  }

  #kept(object: T): T {
    // Half of a typical object's size, and nobody here reads it.
    Reflect.deleteProperty(object.metadata, 'managedFields')
    return this.#options.transform === undefined ? object : this.#options.transform(object)
  }

  /** The watch that has just ended had lived long enough to call it sound. */
  #steady(): boolean {
    return this.watching && performance.now() - this.#openedAt >= this.#timing.steadyMs
  }

  #opened(): void {
    this.#openedAt = performance.now()
    this.watches++
    this.watching = true
    if (this.error !== undefined) this.#options.log.info({ resource: this.resource }, 'following again')
    this.error = undefined
  }

  /** The first failure of a kind is told, its repetitions are details. */
  #failed(error: KubernetesError): void {
    const level = this.error?.code === error.code || mustListAgain(error) ? 'debug' : 'warn'
    this.#options.log[level]({ resource: this.resource, err: error, next: error.next }, 'not following')
    this.error = error
  }
}
