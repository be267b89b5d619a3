// Objects for machines: as JSON or YAML, complete but for what only the API server's own merging needs.

import { Option } from 'commander'
import type { KubernetesObject } from '../kubernetes/resources/meta.ts'

export type Format = 'json' | 'yaml'

export function formatOption(...more: readonly string[]): Option {
  const text = more.length === 0 ? 'for machines' : 'for machines, or with more columns'
  return new Option('-o, --output <format>', text).choices(['json', 'yaml', ...more])
}

/** Ends with a newline. */
export async function objectText(object: object, format: Format): Promise<string> {
  if (format === 'json') return `${JSON.stringify(object, undefined, 2)}\n`
  const { stringify } = await import('yaml')
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** As `kubectl get -o` gives several objects. */
export function listOf(items: readonly KubernetesObject[]): object {
  return { apiVersion: 'v1', kind: 'List', metadata: {}, items: items.map((item) => shown(item)) }
}

/** Without `managedFields`, as kubectl shows objects. */
export function shown({ apiVersion, kind, metadata, ...rest }: KubernetesObject): object {
  const { managedFields: _, ...kept }: KubernetesObject['metadata'] & { managedFields?: unknown } = metadata
  return { apiVersion, kind, metadata: kept, ...rest }
}
