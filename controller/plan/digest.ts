// A short text that two values share only if they are alike, whatever the order of their fields.

import { createHash } from 'node:crypto'
import { isList, isObject } from '../patch/json.ts'

const LENGTH = 16

export function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
    .slice(0, LENGTH)
}

function sorted(value: unknown): unknown {
  if (isList(value)) return value.map((each) => sorted(each))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  )
}
