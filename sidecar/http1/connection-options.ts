// What a message's Connection field says about the connection (RFC 9110 §7.6.1).

import type { FieldScanner } from './fields.ts'
import { listElements } from './list.ts'

const NONE: readonly string[] = []

export function connectionOptions(bytes: Buffer, fields: FieldScanner): readonly string[] {
  const value = fields.value(bytes, 'connection')
  return value === undefined ? NONE : listElements(value.toLowerCase())
}

/** RFC 9112 §9.3: whether the connection ends with this message. */
export function isLast(options: readonly string[], minor: number): boolean {
  return options.includes('close') || (minor === 0 && !options.includes('keep-alive'))
}
