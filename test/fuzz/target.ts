// What the campaign asks of each thing that is fuzzed.

import type { Random } from './random.ts'

export const TARGET_NAMES = ['http1', 'chunked', 'responses', 'hpack', 'frames'] as const
export type TargetName = (typeof TARGET_NAMES)[number]

export interface Target {
  readonly name: TargetName
  /** Executions at once. */
  readonly concurrency: number
  /** Has no state but `random`. */
  generate(random: Random): Buffer
  /** Why this input is a finding, or undefined. `random` decides everything that the bytes do not: where they are cut, for one. */
  execute(input: Buffer, random: Random): Promise<string | undefined>
  /** What the executions so far came to, for a person to see that the inputs are not all refused. */
  summary(): string
  close(): Promise<void>
}
