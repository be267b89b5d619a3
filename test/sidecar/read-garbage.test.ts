// What was read in bulk is collected every few megabytes, and nothing for small traffic.

import t from 'tap'
import { ReadGarbage } from '../../sidecar/read-garbage.ts'

t.test('a minor collection is made once in 2 MiB of large reads', async (t) => {
  const asked: unknown[] = []
  const garbage = new ReadGarbage(((options: unknown) => void asked.push(options)) as NodeJS.GCFunction)
  for (let read = 0; read < 320; read++) garbage.read(65_536)
  t.strictSame(
    asked,
    Array.from({ length: 10 }, () => ({ type: 'minor', execution: 'sync' })),
  )
})

t.test('small reads never ask for one', async (t) => {
  const garbage = new ReadGarbage((() => void t.fail('asked')) as NodeJS.GCFunction)
  for (let read = 0; read < 10_000; read++) garbage.read(1000)
  t.pass()
})

t.test('what was dropped is collected once in 16 MiB', async (t) => {
  const asked: unknown[] = []
  const garbage = new ReadGarbage(((options: unknown) => void asked.push(options)) as NodeJS.GCFunction)
  for (let drop = 0; drop < 8; drop++) garbage.dropped(4 * 1024 * 1024)
  t.strictSame(
    asked,
    Array.from({ length: 2 }, () => ({ type: 'major', execution: 'sync' })),
  )
})

t.test('without a collector nothing happens', async () => {
  const garbage = new ReadGarbage(undefined)
  for (let read = 0; read < 100; read++) garbage.read(65_536)
})
