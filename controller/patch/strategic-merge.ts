// Strategic merge patch, as the API server's own: lists that have a merge key are merged by it, directives begin with `$`.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md

import { type JsonObject, isList, isObject } from './json.ts'
import type { MergeSchema, MergedField } from './merge-schema.ts'
import { type IdentityOf, inMergedOrder } from './merged-order.ts'

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_FROM = '$deleteFromPrimitiveList/'
const SET_ORDER = '$setElementOrder/'

/** The patch contradicts itself or the object; the message begins with the place. */
export class PatchError extends Error {
  constructor(path: string, message: string) {
    super(`${path === '' ? 'the patch' : path}: ${message}`)
    this.name = 'PatchError'
  }
}

/** `original` as `patch` makes it; neither is changed. Throws PatchError. */
export function strategicMerge(original: JsonObject, patch: JsonObject, schema: MergeSchema): JsonObject {
  return mergeObject(original, patch, schema, '')
}

function mergeObject(original: JsonObject, patch: JsonObject, schema: MergeSchema, path: string): JsonObject {
  const directive = patch[DIRECTIVE]
  if (directive === 'replace') return cleanObject(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined)
    throw new PatchError(path, `$patch is ${JSON.stringify(directive)}, not replace or delete`)
  const result = new Map(Object.entries(retained(original, patch, path)))
  for (const field of fieldsOf(patch)) {
    const { changes, remove, order } = changesOf(patch, field)
    const here = path === '' ? field : `${path}.${field}`
    if (changes === null) result.delete(field)
    const value = mergeField(result.get(field), { changes: changes ?? undefined, remove, order }, schema[field], here)
    if (value === undefined) result.delete(field)
    else result.set(field, value)
  }
  return Object.fromEntries(result)
}

interface Changes {
  readonly changes: unknown
  /** `$deleteFromPrimitiveList`. */
  readonly remove: unknown
  /** `$setElementOrder`. */
  readonly order: unknown
}

function changesOf(patch: JsonObject, field: string): Changes {
  return { changes: patch[field], remove: patch[DELETE_FROM + field], order: patch[SET_ORDER + field] }
}

function fieldsOf(patch: JsonObject): ReadonlySet<string> {
  const fields = new Set<string>()
  for (const name of Object.keys(patch)) {
    if (name.startsWith(DELETE_FROM)) fields.add(name.slice(DELETE_FROM.length))
    else if (name.startsWith(SET_ORDER)) fields.add(name.slice(SET_ORDER.length))
    else if (name !== RETAIN_KEYS) fields.add(name)
  }
  return fields
}

function mergeField(original: unknown, wanted: Changes, schema: MergedField | undefined, path: string): unknown {
  const { changes, remove, order } = wanted
  if (isList(original) && (isList(changes) || remove !== undefined || order !== undefined)) {
    return mergeList(original, wanted, schema, path)
  }
  if (changes === undefined) return original
  if (isObject(original) && isObject(changes)) return mergeObject(original, changes, schema?.fields ?? {}, path)
  return clean(changes)
}

function mergeList(
  original: readonly unknown[],
  wanted: Changes,
  schema: MergedField | undefined,
  path: string,
): unknown {
  const remove = listOrNone(wanted.remove, path, DELETE_FROM)
  const order = listOrNone(wanted.order, path, SET_ORDER)
  const kept = remove === undefined ? original : original.filter((item) => !remove.includes(item))
  if (schema?.list === undefined) return wanted.changes === undefined ? kept : clean(wanted.changes)
  const changes = listOrNone(wanted.changes, path, '') ?? []
  const { key } = schema.list
  const identity: IdentityOf = key === undefined ? (item) => item : (item) => keyOf(item, key, path)
  if (order !== undefined) checkOrder(changes, order, identity, path)
  const replaced = changes.some((item) => isObject(item) && item[DIRECTIVE] === 'replace')
  const before = replaced ? [] : kept
  const merged =
    key === undefined
      ? [...new Set([...before, ...changes])]
      : mergeItems(before, changes, key, schema.fields ?? {}, path)
  const patched = changes.filter((item) => !isDirective(item))
  const inPatchOrder = inMergedOrder(merged, patched, before, identity)
  return order === undefined ? inPatchOrder : inMergedOrder(inPatchOrder, order, original, identity)
}

function mergeItems(
  before: readonly unknown[],
  changes: readonly unknown[],
  key: string,
  schema: MergeSchema,
  path: string,
): readonly unknown[] {
  const items = new Map<unknown, unknown>()
  for (const item of before) items.set(keyOf(item, key, path), item)
  for (const change of changes) {
    const name = keyOf(change, key, path, true)
    if (isDirective(change)) {
      if (change[DIRECTIVE] === 'delete') items.delete(name)
      else if (change[DIRECTIVE] !== 'replace') throw new PatchError(path, `$patch of an item is not delete or replace`)
      continue
    }
    const old = items.get(name)
    const here = `${path}[${key}=${String(name)}]`
    items.set(name, isObject(old) && isObject(change) ? mergeObject(old, change, schema, here) : clean(change))
  }
  return [...items.values()]
}

function isDirective(item: unknown): item is JsonObject {
  return isObject(item) && DIRECTIVE in item
}

function keyOf(item: unknown, key: string, path: string, patch = false): unknown {
  if (!isObject(item)) throw new PatchError(path, `its items are objects with ${key}, not ${JSON.stringify(item)}`)
  const value = item[key]
  if (value === undefined && !(patch && item[DIRECTIVE] === 'replace'))
    throw new PatchError(path, `an item has no ${key}`)
  return value
}

function listOrNone(value: unknown, path: string, directive: string): readonly unknown[] | undefined {
  if (value === undefined || isList(value)) return value
  throw new PatchError(path, `${directive === '' ? 'the value' : directive.slice(0, -1)} is not a list`)
}

/** Items that are put in have a place in `order`, and in the same order. */
function checkOrder(changes: readonly unknown[], order: readonly unknown[], identity: IdentityOf, path: string): void {
  if (order.length === 0) return
  let place = 0
  for (const item of changes) {
    if (isDirective(item)) continue
    while (place < order.length && identity(order[place]) !== identity(item)) place++
    if (place++ >= order.length) throw new PatchError(path, 'the items are not in the order of $setElementOrder')
  }
}

/** What `$retainKeys` leaves of `original`. */
function retained(original: JsonObject, patch: JsonObject, path: string): JsonObject {
  const keys = listOrNone(patch[RETAIN_KEYS], path, `${RETAIN_KEYS}/`)
  if (keys === undefined) return original
  for (const [field, value] of Object.entries(patch)) {
    if (value === null || field.startsWith('$') || keys.includes(field)) continue
    throw new PatchError(path, `$retainKeys does not name ${field}, which the patch sets`)
  }
  return Object.fromEntries(Object.entries(original).filter(([field]) => keys.includes(field)))
}

/** A value that is put where there was none: without nulls, which would delete, and without directives. */
function clean(value: unknown): unknown {
  if (isList(value)) return value.filter((item) => !isDirective(item)).map((item) => clean(item))
  if (isObject(value)) return DIRECTIVE in value ? undefined : cleanObject(value)
  return value
}

function cleanObject(value: JsonObject): JsonObject {
  const entries: [string, unknown][] = []
  for (const [field, each] of Object.entries(value)) {
    if (each === null || field.startsWith('$')) continue
    const cleaned = clean(each)
    if (cleaned !== undefined) entries.push([field, cleaned])
  }
  return Object.fromEntries(entries)
}
