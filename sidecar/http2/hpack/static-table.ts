// The static table of RFC 7541 Appendix A, as bytes: fields are read where they lie and never made into strings.

const FIELDS: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
]

/** Its indexes run from 1 to this. */
export const STATIC_LENGTH = FIELDS.length

/** All names and values end to end. */
export const STATIC_BYTES = Buffer.from(FIELDS.flat().join(''), 'latin1')

/** By index; the value follows its name. Entry 0 does not exist. */
export const STATIC_NAME_START = new Uint16Array(FIELDS.length + 1)
export const STATIC_VALUE_START = new Uint16Array(FIELDS.length + 1)
export const STATIC_VALUE_END = new Uint16Array(FIELDS.length + 1)

let at = 0
for (const [index, [name, value]] of FIELDS.entries()) {
  STATIC_NAME_START[index + 1] = at
  STATIC_VALUE_START[index + 1] = at += name.length
  STATIC_VALUE_END[index + 1] = at += value.length
}

/** The static entries' names, by index; undefined for 0. */
export function staticName(index: number): string | undefined {
  return FIELDS[index - 1]?.[0]
}
