// What names and values of fields may hold (RFC 9113 §8.2.1, RFC 9110 §5), byte by byte, on the bytes.

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"

/** 1 for what a name may hold: a token, and nothing in upper case. */
export const NAME_BYTE = classOf((byte) => TOKEN.includes(String.fromCharCode(byte)))

/** 1 for what no value may hold: RFC 9113 names NUL, CR and LF, RFC 9110 §5.5 all control bytes but the tab. */
const BAD_VALUE_BYTE = classOf((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f)

const METHOD_BYTE = classOf((byte) => TOKEN.includes(String.fromCharCode(byte).toLowerCase()))

const SCHEME_BYTE = classOf((byte) => /[0-9A-Za-z+\-.]/.test(String.fromCharCode(byte)))

/** RFC 3986 in visible ASCII, without a fragment; `"<>\^`{|}` are not in it but are sent, and cannot be misread. */
const PATH_BYTE = classOf((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x23)

export function isValidValue(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return true
  let bad = 0
  for (let at = start; at < end; at++) bad |= BAD_VALUE_BYTE[bytes[at]!]!
  return bad === 0 && !isSpace(bytes[start]!) && !isSpace(bytes[end - 1]!)
}

export function isMethod(bytes: Buffer, start: number, end: number): boolean {
  return start < end && isAll(METHOD_BYTE, bytes, start, end)
}

export function isScheme(bytes: Buffer, start: number, end: number): boolean {
  return start < end && /[A-Za-z]/.test(String.fromCharCode(bytes[start]!)) && isAll(SCHEME_BYTE, bytes, start, end)
}

/** `*` is for OPTIONS only, which the caller checks. */
export function isPath(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return false
  const first = bytes[start]
  return (first === SLASH || (first === ASTERISK && end === start + 1)) && isAll(PATH_BYTE, bytes, start, end)
}

export function isAsterisk(bytes: Buffer, start: number, end: number): boolean {
  return end === start + 1 && bytes[start] === ASTERISK
}

/** CONNECT names a port even if it is the scheme's own (RFC 9110 §9.3.6). The bytes are known to be an authority. */
export function hasPort(bytes: Buffer, start: number, end: number): boolean {
  let at = end
  let isZero = true
  for (; at > start && isDigit(bytes[at - 1]!); at--) if (bytes[at - 1] !== 0x30) isZero = false
  return !isZero && at > start && bytes[at - 1] === COLON
}

/** The decimal number in `bytes[start, end)`; -1 if it is none or is more than JavaScript counts exactly. */
export function decimal(bytes: Buffer, start: number, end: number): number {
  if (start === end || end - start > 15) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at]!)) return -1
    value = value * 10 + bytes[at]! - 0x30
  }
  return value
}

export function equals(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  if (end - start !== text.length) return false
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text[at]) return false
  return true
}

/** The same for a word, in small letters, that counts in any case. */
export function equalsInAnyCase(bytes: Buffer, start: number, end: number, word: Buffer): boolean {
  if (end - start !== word.length) return false
  for (let at = 0; at < word.length; at++) if ((bytes[start + at]! | 0x20) !== word[at]) return false
  return true
}

const COLON = 0x3a
const SLASH = 0x2f
const ASTERISK = 0x2a

function isAll(allowed: Uint8Array, bytes: Buffer, start: number, end: number): boolean {
  let all = 1
  for (let at = start; at < end; at++) all &= allowed[bytes[at]!]!
  return all === 1
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}

function classOf(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0))
}
