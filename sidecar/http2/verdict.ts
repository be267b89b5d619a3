// What reading a head or trailers came to.

export const Verdict = {
  fine: 0,
  /** A stream error PROTOCOL_ERROR (RFC 9113 §8.1.1). */
  malformed: 1,
  /** Decoded in full, for the table's sake, but larger than the limits. */
  tooLarge: 2,
  /** A connection error COMPRESSION_ERROR (§4.3). */
  undecodable: 3,
} as const

export type Verdict = (typeof Verdict)[keyof typeof Verdict]
