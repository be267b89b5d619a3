// Whether every object of the installation is there, by name: one that is half there, or half gone, works in part.

import type { Client } from '../../kubernetes/client.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { type Link, broken, holds } from '../explain/link.ts'
import { seen } from '../explain/look.ts'
import { objectText, resourceOf } from '../install/kinds.ts'
import type { Seen } from '../explain/world.ts'

/** Objects that the installation of this version has and the cluster does not; undefined if none of them may be seen. */
export async function missingObjects(
  client: Client,
  objects: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<Seen<readonly string[]>> {
  const found = await Promise.all(
    objects.map(async (object) => {
      const { name, namespace } = object.metadata
      const at = namespace === undefined ? { name } : { name, namespace }
      return seen(client.find(resourceOf(object), at, signal).then((there) => there !== undefined))
    }),
  )
  if (found.every((each) => each === undefined)) return undefined
  return objects.filter((_, index) => found[index] === false).map(objectText)
}

export function missingLinks(missing: Seen<readonly string[]>): readonly Link[] {
  if (missing === undefined) return []
  if (missing.length === 0) return [holds('every object of the installation is there')]
  return [
    broken(
      'objects of the installation are missing: rights, kinds or policies that the programs need',
      'sidetrack upgrade puts them back; if it was meant to go, sidetrack uninstall removes the rest',
      missing,
    ),
  ]
}
