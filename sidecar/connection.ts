// What a listener needs of a client's connection, whatever is spoken on it.

import type { Holder } from './capacity.ts'

export interface Connection extends Holder {
  /** Lets what is in progress finish, then closes; at once if nothing is. */
  drain(): void
  destroy(): void
  /** Called about once a second with the seconds since the process started. */
  tick(now: number): void
}
