// The order of a merged list: a patch's own order comes first, the list's order fills in the rest.

/** What identifies an item; items of `items` each have their own. */
export type IdentityOf = (item: unknown) => unknown

/**
 * Puts `items` in order: those whose identity is in `patchOrder` as there, the others as in `listOrder`, the two interleaved by
 * `listOrder` where it knows both.
 * https://github.com/kubernetes/design-proposals-archive/blob/main/cli/preserve-order-in-strategic-merge-patch.md
 */
export function inMergedOrder(
  items: readonly unknown[],
  patchOrder: readonly unknown[],
  listOrder: readonly unknown[],
  identity: IdentityOf,
): readonly unknown[] {
  const patchPlaces = places(patchOrder, identity)
  const listPlaces = places(listOrder, identity)
  const place = (item: unknown, among: ReadonlyMap<unknown, number>) => among.get(identity(item)) ?? -1
  const patched = items
    .filter((item) => patchPlaces.has(identity(item)))
    .toSorted((a, b) => place(a, patchPlaces) - place(b, patchPlaces))
  const others = items.filter((item) => !patchPlaces.has(identity(item)))
  const merged: unknown[] = []
  let other = 0
  for (const item of patched) {
    const here = place(item, listPlaces)
    for (; other < others.length; other++) {
      const there = place(others[other], listPlaces)
      if (there < 0 || there >= here) break
      merged.push(others[other])
    }
    merged.push(item)
  }
  return [...merged, ...others.slice(other)]
}

function places(items: readonly unknown[], identity: IdentityOf): ReadonlyMap<unknown, number> {
  const found = new Map<unknown, number>()
  for (const [place, item] of items.entries()) {
    if (!found.has(identity(item))) found.set(identity(item), place)
  }
  return found
}
