// Classes of bytes that HTTP's grammar names, as tables: one look-up a byte.
// Filled by ranges: loops over 256 bytes would wake V8's optimising compilers, and cost every idle sidecar 3 MB.

export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const COLON = 0x3a

/** 1 for the bytes of a token: methods and field names (RFC 9110 §5.6.2). */
export const TOKEN = new Uint8Array(256).fill(1, 0x30, 0x3a).fill(1, 0x41, 0x5b).fill(1, 0x61, 0x7b)
for (const byte of Buffer.from("!#$%&'*+-.^_`|~")) TOKEN[byte] = 1

/** 1 for the bytes of a field value: visible ones, space, tab and obs-text, no other control byte (RFC 9110 §5.5). */
export const VALUE = new Uint8Array(256)
  .fill(1, SPACE, 0x7f)
  .fill(1, 0x80)
  .fill(1, TAB, TAB + 1)

/**
 * 1 for the bytes of a request target: visible US-ASCII but `#`, which starts a fragment and is never sent. More than RFC 3986 allows
 * (`|`, `"`, `{` …), since browsers and libraries do send those and every server takes them as they are.
 */
export const TARGET = new Uint8Array(256).fill(1, SPACE + 1, 0x7f).fill(0, 0x23, 0x24)

/** The value of a hexadecimal digit, 255 for any other byte. */
export const HEX = new Uint8Array(256).fill(255)
for (const [value, byte] of Buffer.from('0123456789abcdef').entries()) HEX[byte] = value
for (const [value, byte] of Buffer.from('ABCDEF').entries()) HEX[byte] = 10 + value

/** True if the bytes from `start` are `name` in any case. `name` is lower-case; the bytes are known to be token bytes. */
export function isName(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i] as number
    if (byte !== name[i] && (byte | 0x20) !== name[i]) return false
  }
  return true
}
