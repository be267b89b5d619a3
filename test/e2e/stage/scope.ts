// What ends, and takes with it what was started for it: a test, or a program's run.

export interface Scope {
  /** Done when it ends, the last one first. */
  teardown(handler: () => unknown): unknown
}
