// What one client connection may cost, in one place.

export interface Http2Limits {
  /** Streams at once; more are refused (REFUSED_STREAM). */
  readonly streams: number
  /** Bytes of one encoded header block, and frames that it comes in. */
  readonly blockBytes: number
  readonly blockFrames: number
  /** Bytes of a decoded header list as SETTINGS_MAX_HEADER_LIST_SIZE counts, and its fields; more get a 431. */
  readonly listBytes: number
  readonly listFields: number
  /** Bytes that each peer may send on a connection before the sidecar has passed them on. */
  readonly connectionWindow: number
  /**
   * Bytes of requests that wait for an upstream before the client gets no more credit; bytes of responses, beyond what windows
   * have let in, before it gets no more streams; also what a socket may have left untaken before nothing more is read for it
   * (a client's) or no more streams are opened on it (an upstream's).
   */
  readonly buffered: number
  /** Frames that carry nothing (PING, SETTINGS, empty DATA, PRIORITY …) in a row without payload between. */
  readonly idleFrames: number
  /** Streams that a client may reset before their answer: at once, and further ones a second. */
  readonly resets: number
  readonly resetsPerSecond: number
  /** Sessions to forks of one client connection. */
  readonly forkSessions: number
  /** Milliseconds for the connection to a fork, for the client's preface, for a session to a fork without streams. */
  readonly connectMs: number
  readonly prefaceMs: number
  readonly forkIdleMs: number
}

export const HTTP2_LIMITS: Http2Limits = {
  streams: 10_000,
  blockBytes: 65_536,
  blockFrames: 64,
  listBytes: 131_072,
  listFields: 1_000,
  connectionWindow: 131_072,
  buffered: 1_048_576,
  idleFrames: 10_000,
  resets: 5_000,
  resetsPerSecond: 1_000,
  forkSessions: 256,
  connectMs: 5_000,
  prefaceMs: 10_000,
  forkIdleMs: 60_000,
}
