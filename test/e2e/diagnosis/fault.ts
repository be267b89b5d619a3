// A fault made on purpose, and what a person is told who asks what is wrong.

export interface Fault {
  readonly fault: string
  /** Makes it; several at once, where they do not touch each other. */
  readonly make?: () => Promise<unknown>
  /** What the person types: `explain pr-42`. */
  readonly ask: readonly string[]
  /** On stdout and stderr together. */
  readonly told: RegExp
  readonly undo?: () => Promise<unknown>
}
