// Splits the value of a field that is a comma-separated list (RFC 9110 §5.6.1).

import { trimSpace } from '../../core/optional-space.ts'

/**
 * The elements without the white space around them. Space and tab only: a server behind the sidecar would not take `chunked` with the byte 0xA0
 * for `chunked`.
 */
export function listElements(value: string): readonly string[] {
  return value.split(',').map(trimSpace)
}
