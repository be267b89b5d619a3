// Runs tables of cases, each with the client's bytes in one piece, byte by byte, and (short ones) cut in two at every position.

import t from 'tap'
import type { Case } from './case.ts'
import { type Cut, World } from './world.ts'

/** The first message of a case is cut everywhere if it is not longer. */
const SHORT = 100

export async function runCorpus(tables: readonly (readonly Case[])[]): Promise<void> {
  const cases = tables.flat()
  const world = await World.start()
  t.teardown(() => world.close())
  const names = cases.map((each) => `${each.rfc}: ${each.name}`)
  t.strictSame(names.length, new Set(names).size, 'no two cases have the same name')
  for (const each of cases) {
    await t.test(`${each.rfc}: ${each.name}`, async (t) => {
      for (const cut of cuts(each)) {
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

function cuts(each: Case): readonly Cut[] {
  if (each.whole === true) return ['whole']
  const [first] = each.steps
  const length = first !== undefined && 'send' in first ? first.send.length : 0
  const positions = length <= SHORT ? Array.from({ length: Math.max(length - 1, 0) }, (_, index) => index + 1) : []
  return ['whole', 'bytes', ...positions]
}
