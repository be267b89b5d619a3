// What a command gets from its process: where it writes, and what ends it.

import type { Writable } from 'node:stream'

/** A stream that may be a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number }

export interface Session {
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** For what was asked for, and nothing else. */
  readonly stdout: Screen
  /** For how it goes on. */
  readonly stderr: Screen
  readonly stdin: AsyncIterable<Buffer | string>
  /** What the process ends with, 0 if nobody says. */
  readonly finish: (code: number) => void
}
