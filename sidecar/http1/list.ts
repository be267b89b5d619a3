// Splits the value of a field that is a comma-separated list (RFC 9110 §5.6.1).

/**
 * The elements without the white space around them: space and tab only. What String.trim takes besides, such as the byte 0xA0, belongs
 * to the element: a server behind the sidecar would not take `chunked` with that byte for `chunked`.
 */
export function listElements(value: string): readonly string[] {
  return value.split(',').map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
}
