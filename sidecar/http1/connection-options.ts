// What a message's Connection field says about the connection (RFC 9110 §7.6.1).

import type { FieldScanner } from './fields.ts'
import { listElements } from './list.ts'

const NONE: readonly string[] = []
/** What nearly every response says. */
const KEEP_ALIVE: readonly string[] = ['keep-alive']
const KEEP_ALIVE_BYTES = Buffer.from('keep-alive')

export function connectionOptions(bytes: Buffer, fields: FieldScanner): readonly string[] {
  if (fields.count('connection') === 0) return NONE
  if (fields.is(bytes, 'connection', KEEP_ALIVE_BYTES)) return KEEP_ALIVE
  const value = fields.value(bytes, 'connection')
  return value === undefined ? NONE : listElements(value.toLowerCase())
}

/** RFC 9112 §9.3: whether the connection ends with this message. */
export function isLast(options: readonly string[], minor: number): boolean {
  return options.includes('close') || (minor === 0 && !options.includes('keep-alive'))
}
