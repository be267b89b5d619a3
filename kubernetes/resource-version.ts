// Resource versions compared: whole numbers (KEP-5504) that may have more digits than a double holds.

import type { KubernetesObject } from './resources/meta.ts'

export function isAtLeast(a: string, b: string): boolean {
  return a.length === b.length ? a >= b : a.length > b.length
}

/** The greatest; `0` if there are none. */
export function newest(versions: Iterable<string>): string {
  let best = '0'
  for (const each of versions) if (isAtLeast(each, best)) best = each
  return best
}

/** Of all of these objects. */
export function newestOf(objects: readonly KubernetesObject[]): string {
  return newest(objects.map(({ metadata }) => metadata.resourceVersion ?? '0'))
}
