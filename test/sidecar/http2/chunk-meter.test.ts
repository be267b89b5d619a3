// What was read is collected every few MiB, and not for small traffic.

import t from 'tap'
import { ChunkMeter } from '../../../sidecar/http2/chunk-meter.ts'

t.test('a collection is asked for once in 4 MiB, however small the chunks', async (t) => {
  let collected = 0
  const meter = new ChunkMeter(() => collected++)
  for (let n = 0; n < 640; n++) meter.read(65_536)
  t.equal(collected, 10)
  for (let n = 0; n < 10_000; n++) meter.read(100)
  t.equal(collected, 10)
})

t.test('without a collector nothing happens', async () => {
  new ChunkMeter(undefined).read(1 << 30)
})
