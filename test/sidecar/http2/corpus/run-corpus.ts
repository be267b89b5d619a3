// Runs tables of cases, each with the bytes of both sides in one piece and byte by byte.

import { runTables } from '../../../fixtures/corpus/run.ts'
import type { Case } from './case.ts'
import { type Cut, World } from './world.ts'

const CUTS: readonly Cut[] = ['whole', 'bytes']

export async function runCorpus(tables: readonly (readonly Case[])[]): Promise<void> {
  await runTables(tables, await World.start(), () => CUTS)
}
