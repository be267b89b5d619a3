// The ranges of users that the platform gives to namespaces, kept up to date; on a plain Kubernetes none has one, and nothing is kept.

import type { Client } from '../../kubernetes/client.ts'
import { startReflector } from '../../kubernetes/reflector.ts'
import { NAMESPACES } from '../../kubernetes/resources/builtin.ts'
import type { Log } from '../../runtime/log.ts'
import { UID_RANGE } from './uid-range.ts'

export interface NamespaceRanges {
  /** Resolves when all namespaces are known. */
  readonly synced: Promise<void>
  readonly done: Promise<void>
  /** The namespace's annotation; undefined if it has none. */
  of(namespace: string): string | undefined
}

export function followNamespaceRanges(client: Client, log: Log, signal: AbortSignal): NamespaceRanges {
  const ranges = new Map<string, string>()
  const synced = Promise.withResolvers<void>()
  const put = ({
    metadata: { name, annotations },
  }: {
    metadata: { name: string; annotations?: Readonly<Record<string, string>> }
  }) => {
    const range = annotations?.[UID_RANGE]
    if (range === undefined) ranges.delete(name)
    else ranges.set(name, range)
  }
  const { done } = startReflector(
    client,
    NAMESPACES,
    { log },
    {
      replaced(namespaces) {
        ranges.clear()
        namespaces.forEach(put)
        synced.resolve()
      },
      put,
      removed: ({ metadata }) => ranges.delete(metadata.name),
      bookmark() {},
    },
    signal,
  )
  return { synced: synced.promise, done, of: (namespace) => ranges.get(namespace) }
}
