// Resource versions compared: whole numbers (KEP-5504) that may have more digits than a double holds.

import type { KubernetesObject } from './resources/meta.ts'

export function isAtLeast(a: string, b: string): boolean {
  return a.length === b.length ? a >= b : a.length > b.length
}

/** Of all of them; `0` if there are none. */
export function newestOf(objects: readonly KubernetesObject[]): string {
  let newest = '0'
  for (const { metadata } of objects) {
    const version = metadata.resourceVersion ?? '0'
    if (isAtLeast(version, newest)) newest = version
  }
  return newest
}
