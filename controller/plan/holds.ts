// Whether an object has what was applied.

import { isList, isObject } from '../patch/json.ts'

/** Whether every field of `wanted` is in `has`, which may have more: what the API server fills in, and what others own. */
export function holds(has: unknown, wanted: unknown): boolean {
  if (isObject(wanted)) {
    return isObject(has) && Object.entries(wanted).every(([field, value]) => holds(has[field], value))
  }
  if (isList(wanted)) {
    return isList(has) && has.length === wanted.length && wanted.every((value, index) => holds(has[index], value))
  }
  return has === wanted
}

export function isSame(one: unknown, other: unknown): boolean {
  return holds(one, other) && holds(other, one)
}
