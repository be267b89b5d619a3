// The white space that may stand around the elements of a header's value: space and tab, nothing else (RFC 9110 §5.6.3).

/**
 * Strips it at both ends, in time that its length bounds: a regular expression for the end would look at white space inside again from each of its
 * bytes, and 120 KiB of it would take seconds. What String.trim takes besides, such as the byte 0xA0, belongs to the value.
 */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
