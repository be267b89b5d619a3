// The verbs of the Kubernetes API, typed by resource. Every failure is a KubernetesError, or the reason of the signal that was aborted.

import type { Credentials } from './credentials/credentials.ts'
import { Exchange } from './exchange.ts'
import {
  type Applied,
  type AppliedStatus,
  type Created,
  type Deletion,
  type MergePatch,
  deleteOptions,
} from './intent.ts'
import { type Call, KubernetesError } from './kubernetes-error.ts'
import { type ObjectName, type Resource, type Selection, apiVersion, queryText, resourcePath } from './resource.ts'
import { PODS } from './resources/builtin.ts'
import type { KubernetesObject } from './resources/meta.ts'
import type { HttpRequest, HttpStream } from './transport.ts'

export interface ListPage<T> {
  readonly items: readonly T[]
  /** The same for all pages of a list. */
  readonly resourceVersion: string
}

export interface Apply {
  /** Takes over fields that other managers own. */
  readonly force?: boolean
  /** Says what would come of it, and changes nothing. */
  readonly dryRun?: boolean
}

export interface Creation {
  /** A field that the API server does not know is an error; without it, it is left out. */
  readonly strict?: boolean
  /** Says what would come of it, and makes nothing. */
  readonly dryRun?: boolean
}

export interface LogRange {
  readonly container: string
  /** At most so many. */
  readonly lines: number
  /** Of the container before this one. */
  readonly previous?: boolean
  /** None that are older. */
  readonly sinceSeconds?: number
}

export interface Watch {
  readonly resourceVersion: string
  readonly timeoutSeconds: number
  /** How long nothing may come. */
  readonly silenceMs: number
}

interface RawList<T> {
  readonly items: readonly T[]
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

/** Objects of a list that are asked for at once. */
const PAGE = 500

const VERBS = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const

export class Client {
  readonly #credentials: Credentials
  readonly #exchange: Exchange
  readonly #fieldManager: string

  /** `fieldManager` names this program as the owner of the fields that it writes. */
  constructor(credentials: Credentials, fieldManager: string) {
    this.#credentials = credentials
    this.#exchange = new Exchange(credentials)
    this.#fieldManager = fieldManager
  }

  get server(): string {
    return this.#credentials.server
  }

  /** The namespace to look in if nobody says which. */
  get namespace(): string {
    return this.#credentials.namespace
  }

  get<T extends KubernetesObject>(resource: Resource<T>, at: ObjectName, signal?: AbortSignal): Promise<T> {
    return this.#exchange.send<T>(
      { verb: 'get', resource, at },
      { method: 'GET', path: resourcePath(resource, at), signal },
    )
  }

  /** As `get`; undefined if there is no such object. */
  find<T extends KubernetesObject>(
    resource: Resource<T>,
    at: ObjectName,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    return this.get(resource, at, signal).catch(ifMissing)
  }

  /** Everything that is selected, page by page. Throws ST3008 if the state of the first page became too old to go on; `whole` asks for one page. */
  async *pages<T extends KubernetesObject>(
    resource: Resource<T>,
    selection: Selection = {},
    { signal, whole = false }: { readonly signal?: AbortSignal | undefined; readonly whole?: boolean } = {},
  ): AsyncGenerator<ListPage<T>> {
    const { namespace, labelSelector, fieldSelector } = selection
    const call = { verb: 'list', resource, at: { namespace } }
    const marks = { apiVersion: apiVersion(resource), kind: resource.kind }
    let next: string | undefined
    do {
      const query = { labelSelector, fieldSelector, limit: whole ? undefined : PAGE, continue: next }
      const path = resourcePath(resource, { namespace }) + queryText(query)
      const page: RawList<T> = await this.#exchange.send<RawList<T>>(call, { method: 'GET', path, signal })
      // The items of built-in lists do not say what they are.
      for (const item of page.items) Object.assign(item, marks)
      yield { items: page.items, resourceVersion: page.metadata.resourceVersion }
      next = page.metadata.continue
    } while (next !== undefined && next !== '')
  }

  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    selection: Selection = {},
    signal?: AbortSignal,
  ): Promise<ListPage<T>> {
    const items: T[] = []
    let resourceVersion = ''
    for await (const page of this.pages(resource, selection, { signal })) {
      for (const item of page.items) items.push(item)
      ;({ resourceVersion } = page)
    }
    return { items, resourceVersion }
  }

  /** The changes after `resourceVersion` as JSON lines, on a connection of its own. `startReflector` reads them. */
  watch<T extends KubernetesObject>(
    resource: Resource<T>,
    { namespace, labelSelector, fieldSelector }: Selection,
    { resourceVersion, timeoutSeconds, silenceMs }: Watch,
    signal: AbortSignal,
  ): Promise<HttpStream> {
    const range = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds }
    const path = resourcePath(resource, { namespace }) + queryText({ ...range, labelSelector, fieldSelector })
    const call = { verb: 'watch', resource, at: { namespace } }
    return this.#exchange.stream(call, { method: 'GET', path, signal }, silenceMs)
  }

  create<T extends KubernetesObject>(
    resource: Resource<T>,
    object: Created<T>,
    signal?: AbortSignal,
    { strict, dryRun }: Creation = {},
  ): Promise<T> {
    const { namespace, name } = object.metadata
    const path = resourcePath(resource, { namespace }) + this.#manager({ strict, dryRun })
    const call = { verb: 'create', resource, at: name === undefined ? { namespace } : { namespace, name } }
    return this.#exchange.send<T>(call, { method: 'POST', path, body: marked(resource, object), signal })
  }

  /** Puts the object in place of the one with its name and resourceVersion; throws ST3006 if that has changed. */
  replace<T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    signal?: AbortSignal,
    { strict }: Pick<Creation, 'strict'> = {},
  ): Promise<T> {
    const path = resourcePath(resource, object.metadata) + this.#manager({ strict })
    const call = { verb: 'update', resource, at: object.metadata }
    return this.#exchange.send<T>(call, { method: 'PUT', path, body: marked(resource, object), signal })
  }

  /** Server-side apply: the object gets these fields, and loses those that this manager applied before and now leaves out. */
  apply<T extends KubernetesObject>(
    resource: Resource<T>,
    object: Applied<T>,
    options: Apply = {},
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#apply<T>({ verb: 'apply', resource, at: object.metadata }, resource, object, options, signal)
  }

  applyStatus<T extends KubernetesObject>(
    resource: Resource<T>,
    object: AppliedStatus<T>,
    options: Apply = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const call = { verb: 'apply', resource, subresource: 'status', at: object.metadata }
    return this.#apply<T>(call, resource, object, options, signal)
  }

  patch<T extends KubernetesObject>(
    resource: Resource<T>,
    at: ObjectName,
    patch: MergePatch<T> & object,
    signal?: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(resource, at) + this.#manager()
    const message = { method: 'PATCH', path, body: patch, type: 'application/merge-patch+json', signal } as const
    return this.#exchange.send<T>({ verb: 'patch', resource, at }, message)
  }

  /** False if there is no such object. Throws ST3006 if it is not the one that `deletion` describes. */
  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    at: ObjectName,
    deletion: Deletion = {},
    signal?: AbortSignal,
  ): Promise<boolean> {
    const message = {
      method: 'DELETE',
      path: resourcePath(resource, at),
      body: deleteOptions(deletion),
      signal,
    } as const
    const done = await this.#exchange.send<object>({ verb: 'delete', resource, at }, message).catch(ifMissing)
    return done !== undefined
  }

  /** Deletes all that are selected. */
  async deleteCollection<T extends KubernetesObject>(
    resource: Resource<T>,
    { namespace, labelSelector, fieldSelector }: Selection,
    deletion: Pick<Deletion, 'propagationPolicy' | 'gracePeriodSeconds'> = {},
    signal?: AbortSignal,
  ): Promise<void> {
    const path = resourcePath(resource, { namespace }) + queryText({ labelSelector, fieldSelector })
    const call = { verb: 'deletecollection', resource, at: { namespace } }
    await this.#exchange.send(call, { method: 'DELETE', path, body: deleteOptions(deletion), signal })
  }

  /** A subresource with a form of its own: `token` of a service account, `eviction` of a pod, `scale`. */
  subresource<R>(
    method: HttpRequest['method'],
    resource: Resource<KubernetesObject>,
    at: ObjectName,
    subresource: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<R> {
    const path = resourcePath(resource, at, subresource)
    return this.#exchange.send<R>({ verb: VERBS[method], resource, subresource, at }, { method, path, body, signal })
  }

  /** The last lines of a container's log. */
  log(at: ObjectName, { container, lines, previous, sinceSeconds }: LogRange, signal?: AbortSignal): Promise<string> {
    const path = resourcePath(PODS, at, 'log') + queryText({ container, tailLines: lines, previous, sinceSeconds })
    return this.#exchange.text({ verb: 'get', resource: PODS, subresource: 'log', at }, { method: 'GET', path, signal })
  }

  /** A path that is no object, as `/version`. */
  read<R>(path: string, signal?: AbortSignal): Promise<R> {
    return this.#exchange.send<R>({ verb: `read ${path}` }, { method: 'GET', path, signal })
  }

  /** Ends the connections that are kept; watches end with their signals. */
  close(): void {
    this.#exchange.close()
  }

  #apply<T extends KubernetesObject>(
    call: Call & { readonly at: ObjectName },
    resource: Resource<T>,
    object: object,
    { force, dryRun }: Apply,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const path = resourcePath(resource, call.at, call.subresource) + this.#manager({ force, dryRun })
    const message = { method: 'PATCH', path, type: 'application/apply-patch+yaml', signal } as const
    return this.#exchange.send<T>(call, { ...message, body: marked(resource, object) })
  }

  #manager({ force, strict, dryRun }: Partial<Record<keyof (Apply & Creation), boolean | undefined>> = {}): string {
    const fieldValidation = strict === true ? 'Strict' : undefined
    return queryText({
      fieldManager: this.#fieldManager,
      force,
      fieldValidation,
      dryRun: dryRun === true ? 'All' : undefined,
    })
  }
}

function marked(resource: Pick<Resource<KubernetesObject>, 'group' | 'version' | 'kind'>, object: object): object {
  return { ...object, apiVersion: apiVersion(resource), kind: resource.kind }
}

function ifMissing(error: unknown): undefined {
  if (error instanceof KubernetesError && error.code === 'ST3005') return undefined
  throw error
}
