// Classes of bytes that HTTP's grammar names, as tables: one look-up a byte.

export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const COLON = 0x3a

// Listed, not matched: a regular expression here would cost every idle sidecar 3 MB.
const TOKEN_BYTES = Buffer.from("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

/** 1 for the bytes of a token: methods and field names (RFC 9110 §5.6.2). */
export const TOKEN = classOf((byte) => TOKEN_BYTES.includes(byte))

/** 1 for the bytes of a field value: visible ones, space, tab and obs-text, no other control byte (RFC 9110 §5.5). */
export const VALUE = classOf((byte) => byte === TAB || (byte >= SPACE && byte !== 0x7f))

/**
 * 1 for the bytes of a request target: visible US-ASCII but `#`, which starts a fragment and is never sent. More than RFC 3986 allows
 * (`|`, `"`, `{` …), since browsers and libraries do send those and every server takes them as they are.
 */
export const TARGET = classOf((byte) => byte > SPACE && byte < 0x7f && byte !== 0x23)

/** The value of a hexadecimal digit, 255 for any other byte. */
export const HEX = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(digit) ? 255 : digit
})

function classOf(member: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (member(byte) ? 1 : 0))
}

/** True if the bytes from `start` are `name` in any case. `name` is lower-case; the bytes are known to be token bytes. */
export function isName(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i] as number
    if (byte !== name[i] && (byte | 0x20) !== name[i]) return false
  }
  return true
}
