// Runs tables of cases, each with the bytes of both sides in one piece and byte by byte.

import t from 'tap'
import type { Case } from './case.ts'
import { type Cut, World } from './world.ts'

const CUTS: readonly Cut[] = ['whole', 'bytes']

export async function runCorpus(tables: readonly (readonly Case[])[]): Promise<void> {
  const cases = tables.flat()
  const world = await World.start()
  t.teardown(() => world.close())
  const names = cases.map((each) => `${each.rfc}: ${each.name}`)
  t.strictSame(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
    'no two cases have the same name',
  )
  for (const each of cases) {
    await t.test(`${each.rfc}: ${each.name}`, async (t) => {
      for (const cut of CUTS) {
        try {
          await world.run(each, cut)
        } catch (error) {
          t.fail(`cut ${cut}: ${error instanceof Error ? error.message : String(error)}`)
          return
        }
      }
      t.pass('the same outcome however the bytes are cut')
    })
  }
}
