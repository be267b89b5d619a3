// When the garbage of requests is collected: while nobody waits for an answer.

import t from 'tap'
import { InFlight } from '../../sidecar/in-flight.ts'
import { QuietGarbage } from '../../sidecar/quiet-garbage.ts'
import { turn } from '../fixtures/peer.ts'

const MINOR = { type: 'minor', execution: 'sync' }

function start() {
  const collected: unknown[] = []
  const inFlight = new InFlight()
  const garbage = new QuietGarbage(((options: unknown) => void collected.push(options)) as NodeJS.GCFunction, inFlight)
  const ask = () => inFlight.asked()
  const answer = () => {
    inFlight.answered()
    garbage.answered()
  }
  const serve = (requests: number) => {
    for (let i = 0; i < requests; i++) {
      ask()
      answer()
    }
  }
  return { collected, ask, answer, serve }
}

t.test('what three hundred requests have left is collected once the last of them is answered', async (t) => {
  const { collected, serve } = start()
  serve(299)
  await turn()
  t.strictSame(collected, [])
  serve(1)
  t.strictSame(collected, [], 'not before the answer is written')
  await turn()
  t.strictSame(collected, [MINOR])
  serve(299)
  await turn()
  t.equal(collected.length, 1)
})

t.test('while a request waits nothing is collected, and as soon as it is answered it is', async (t) => {
  const { collected, ask, answer, serve } = start()
  ask()
  serve(1000)
  await turn()
  t.strictSame(collected, [])
  answer()
  await turn()
  t.strictSame(collected, [MINOR])
})

t.test('a request that comes just before puts it off', async (t) => {
  const { collected, ask, answer, serve } = start()
  serve(300)
  ask()
  await turn()
  t.strictSame(collected, [])
  answer()
  await turn()
  t.strictSame(collected, [MINOR])
})

t.test('what comes together is collected once', async (t) => {
  const { collected, serve } = start()
  serve(400)
  await turn()
  t.strictSame(collected, [MINOR])
})

t.test('without --expose-gc nothing happens', async (t) => {
  const garbage = new QuietGarbage(undefined, new InFlight())
  for (let i = 0; i < 300; i++) garbage.answered()
  await t.resolves(turn())
})
