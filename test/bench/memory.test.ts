import { Readable, Writable } from 'node:stream'
import t from 'tap'
import { formatBudget } from '../../bench/budget.ts'
import { readSlowly, startTransferServer, transfer, TRANSFERS, writeFast } from '../../bench/load/transfer.ts'
import type { MemoryResult } from '../../bench/memory.ts'
import { countMemoryFailures, formatMemory, memoryBudgets } from '../../bench/memory-report.ts'
import { sidecarsFile } from '../../bench/peers/sidetrack.ts'

const MIB = 1024 * 1024

const RESULT: MemoryResult = {
  idle: { rss: 48e6, pss: 30e6, own: 20e6 },
  together: [
    { rss: 48e6, pss: 11e6, own: 9e6 },
    { rss: 48e6, pss: 13e6, own: 11e6 },
  ],
  connections: { count: 1000, rss: 60e6, peak: 61e6, failures: 0 },
  transfers: [
    { protocol: 'HTTP/1.1', direction: 'up', bytes: MIB, received: MIB, seconds: 1, before: 50e6, peak: 57e6 },
    { protocol: 'HTTP/2', direction: 'down', bytes: MIB, received: 5, seconds: 1, before: 50e6, peak: 59e6 },
  ],
}

t.test('the largest PSS is judged, and each transfer by what it added', (t) => {
  t.match(memoryBudgets(RESULT).map(formatBudget), [
    /^met .*RSS idle: 48\.00 MB/,
    /^MISSED .*PSS .*: 13\.00 MB \(≤ 12 MB\)/,
    /^met .*1000 connections: 60\.00 MB \(≤ 64 MB\)/,
    /^met .*1 MiB up, HTTP\/1\.1: 7\.00 MB \(≤ 8 MB\)/,
    /^MISSED .*1 MiB down, HTTP\/2: 9\.00 MB/,
    /^MISSED .*errors: 1/,
  ])
  t.equal(countMemoryFailures(RESULT), 1)
  t.match(formatMemory(RESULT), /largest +48\.0 +13\.0 +11\.0/)
  t.end()
})

t.test('a slow reader counts what it read and takes its time', async (t) => {
  const start = performance.now()
  const pieces = Array.from({ length: 10 }, () => Buffer.alloc(1000))
  t.equal(await readSlowly(Readable.from(pieces), 100_000), 10_000)
  t.ok(performance.now() - start > 80)
})

t.test('what is written fast has the length that was asked for', async (t) => {
  let bytes = 0
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length
      setImmediate(done)
    },
  })
  await writeFast(sink, 300_001)
  await new Promise((resolve) => sink.once('finish', resolve))
  t.equal(bytes, 300_001)
})

for (const which of TRANSFERS) {
  t.test(`${which.protocol} ${which.direction}: every byte arrives without a proxy`, async (t) => {
    const server = await startTransferServer(which, MIB + 1)
    t.teardown(() => server.close())
    t.equal(await transfer(which, server.port, 'sidetrack=a', MIB + 1, AbortSignal.timeout(10_000)), MIB + 1)
  })
}

t.test('each of several sidecars has a service of its own', (t) => {
  const text = sidecarsFile({ baseline: 1, fork: 2, keys: ['a'] }, [3, 4])
  t.equal(text.match(/sidecar: sidecar-\d/g)?.length, 2)
  t.match(text, /listen: 127\.0\.0\.1:4\n {2}baseline: 127\.0\.0\.1:1\n/)
  t.end()
})
