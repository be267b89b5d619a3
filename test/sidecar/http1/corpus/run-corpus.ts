// Runs tables of cases, each with the client's bytes in one piece, byte by byte, and (short ones) cut in two at every position.

import { runTables } from '../../../fixtures/corpus/run.ts'
import type { Case } from './case.ts'
import { type Cut, World } from './world.ts'

/** The first message of a case is cut everywhere if it is not longer. */
const SHORT = 100

export async function runCorpus(tables: readonly (readonly Case[])[]): Promise<void> {
  await runTables(tables, await World.start(), cuts)
}

function cuts(each: Case): readonly Cut[] {
  if (each.whole === true) return ['whole']
  const [first] = each.steps
  const length = first !== undefined && 'send' in first ? first.send.length : 0
  const positions = length <= SHORT ? Array.from({ length: Math.max(length - 1, 0) }, (_, index) => index + 1) : []
  return ['whole', 'bytes', ...positions]
}
