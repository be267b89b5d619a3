// What an idle sidecar gives back of what its start has left behind.

import v8 from 'node:v8'
import vm from 'node:vm'
import t from 'tap'
import { StartGarbage } from '../../sidecar/start-garbage.ts'

function start() {
  const collected: unknown[] = []
  const collect = (options: unknown) => void collected.push(options)
  return { collected, garbage: new StartGarbage(collect as NodeJS.GCFunction) }
}

t.test('what the start has left is given back in the first second without a request, and never again', async (t) => {
  const { collected, garbage } = start()
  garbage.tick(3)
  garbage.tick(4)
  t.strictSame(collected, [], 'a busy sidecar does not stand still')
  garbage.tick(4)
  t.strictSame(collected, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }])
  garbage.tick(4)
  garbage.tick(5)
  t.equal(collected.length, 1)
})

t.test('a sidecar that nobody calls need not be called first', async (t) => {
  const { collected, garbage } = start()
  garbage.tick(0)
  t.equal(collected.length, 1)
})

t.test('Node collects as it is asked to', async (t) => {
  v8.setFlagsFromString('--expose-gc')
  const collect: NodeJS.GCFunction = vm.runInNewContext('gc')
  let collected = false
  const registry = new FinalizationRegistry(() => (collected = true))
  registry.register({}, 'nobody holds it')
  await new Promise(setImmediate)
  new StartGarbage(collect).tick(0)
  await new Promise(setImmediate)
  t.ok(collected)
})

t.test('without --expose-gc nothing happens', async (t) => {
  t.doesNotThrow(() => new StartGarbage(undefined).tick(0))
})
