// What a sidecar has confirmed is on disk, whatever happens next, and costs no more there than it must.

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type Change, type Entry, entryName } from '../../core/wire.ts'
import { Counters } from '../../sidecar/counters.ts'
import { TableCache } from '../../sidecar/table-cache.ts'
import { Tables } from '../../sidecar/tables.ts'
import { until } from '../fixtures/until.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

function folder(t: Test): string {
  const made = mkdtempSync(path.join(tmpdir(), 'sidetrack-'))
  t.teardown(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function start(where: string, counters = new Counters()) {
  const cache = new TableCache(where, silent, counters)
  const tables = new Tables()
  let revision = 1
  cache.replace(tables, revision)
  return {
    cache,
    tables,
    counters,
    /** As the sidecar does it: in force, then kept. */
    apply: (...changes: readonly Change[]): void => {
      for (const change of changes) tables.apply(change)
      cache.append(changes, ++revision)
    },
  }
}

const held = (tables: Tables | undefined) =>
  new Map([...(tables?.entries() ?? [])].map((entry) => [entryName(entry), JSON.stringify(entry)]))
const load = (where: string) => new TableCache(where, silent, new Counters()).load()

const destination: Entry = {
  kind: 'destination',
  listen: '127.64.0.1:15001',
  service: 'shop/cart',
  baseline: '10.96.0.12:80',
  protocol: 'http',
  tables: ['shop/cart:80'],
}
const route = (n: number, port: number, reason = ''): Entry => ({
  kind: 'route',
  table: 'shop/cart:80',
  key: `pr-${n}`,
  addresses: [`10.0.0.1:${port}`],
  ...(reason === '' ? {} : { ready: false, reason }),
})

t.test('what was confirmed comes back, with its revision', async (t) => {
  const where = folder(t)
  t.equal(load(where), undefined)
  const { cache, tables, apply } = start(where)
  apply({ put: destination }, { put: route(1, 80) }, { put: { kind: 'own-key', key: 'pr-9' } })
  apply({ put: { kind: 'key', key: 'pr-8' } }, { put: route(2, 80, 'not yet') })
  apply({ drop: { kind: 'route', table: 'shop/cart:80', key: 'pr-1' } })
  await cache.persisted()
  const kept = load(where)
  t.equal(kept?.revision, 4)
  t.strictSame(held(kept?.tables), held(tables))
  t.equal(held(kept?.tables).size, 4)
  t.strictSame(readdirSync(where), ['table'])
  t.equal(statSync(path.join(where, 'table')).mode & 0o777, 0o600)
})

t.test('a snapshot replaces everything, also while another one is being written', async (t) => {
  const where = folder(t)
  const { cache, tables, apply } = start(where)
  for (let n = 0; n < 20_000; n++) tables.apply({ put: route(n, 80) })
  cache.replace(tables, 1)
  const first = cache.persisted()
  await until(() => readdirSync(where).includes('table.new'))
  apply({ put: route(1, 81) })
  const other = new Tables()
  other.apply({ put: route(7, 81) })
  cache.replace(other, 10)
  await cache.persisted()
  await first
  t.strictSame(held(load(where)?.tables), held(other))
  t.equal(load(where)?.revision, 10)
})

t.test('changes in any order come back, at whatever moment the sidecar dies', async (t) => {
  const where = folder(t)
  const step = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 65_535 }), fc.boolean())
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 30 }), async (batches) => {
      const { cache, tables, apply } = start(where)
      const states = [held(tables)]
      for (const [index, batch] of batches.entries()) {
        apply(
          ...batch.map(([n, port, put]) =>
            put ? { put: route(n, port) } : { drop: { kind: 'route' as const, table: 'shop/cart:80', key: `pr-${n}` } },
          ),
        )
        states.push(held(tables))
        if (index % 3 === 0) await cache.persisted()
      }
      await cache.persisted()
      // Cut anywhere, the file holds what some revision said, and all of it.
      const file = path.join(where, 'table')
      const whole = readFileSync(file)
      const first = whole.indexOf('{"synced"')
      for (let cut = whole.length; cut > first; cut -= 37) {
        writeFileSync(file, whole.subarray(0, cut))
        const kept = load(where)
        if (kept === undefined) continue
        if (!isDeepStrictEqual(held(kept.tables), states[kept.revision - 1])) return false
      }
      return true
    }),
    { numRuns: 60 },
  )
  t.pass('in 60 histories')
})

t.test('a table that changes for ever stays small on disk, and right while it is written anew', async (t) => {
  const where = folder(t)
  const { cache, tables, apply } = start(where)
  apply({ put: destination }, ...Array.from({ length: 3000 }, (_, n) => ({ put: route(n, 80) })))
  let largest = 0
  for (let round = 0; round < 3000; round++) {
    apply(...Array.from({ length: 20 }, (_, n) => ({ put: route((round * 20 + n) % 3000, 1000 + round) })))
    if (round % 10 === 0) await cache.persisted()
    if (round % 100 === 0) largest = Math.max(largest, statSync(path.join(where, 'table')).size)
  }
  await cache.persisted()
  t.strictSame(held(load(where)?.tables), held(tables))
  t.ok(largest < 2_000_000, `never more than ${largest} bytes, of 6 MB of changes`)
})

t.test('a revision waits for no more than its own write, although the file is written anew meanwhile', async (t) => {
  const where = folder(t)
  const { cache, tables, apply } = start(where)
  apply(...Array.from({ length: 50_000 }, (_, n) => ({ put: route(n, 80) })))
  await cache.persisted()
  const before = statSync(path.join(where, 'table')).ino
  const others = Array.from({ length: 60_000 }, (_, n) => ({ put: route(n % 50_000, 81) }))
  apply(...others)
  await cache.persisted()
  let confirmed = 0
  while (statSync(path.join(where, 'table')).ino === before) {
    apply({ put: route(confirmed, 82) })
    await cache.persisted()
    confirmed++
  }
  t.ok(confirmed > 20, `${confirmed} revisions were confirmed while 50,000 routes were written`)
  t.strictSame(held(load(where)?.tables), held(tables))
})

t.test('where nothing can be kept, nothing old is kept either, until the next snapshot', async (t) => {
  const where = folder(t)
  const { cache, tables, counters, apply } = start(where)
  apply({ put: route(1, 80) })
  await cache.persisted()
  // A table that is too large stands for a disk that is full.
  apply(...Array.from({ length: 20_000 }, (_, n) => ({ put: route(n, 80, 'x'.repeat(1000)) })))
  await until(() => counters.events['cache-failed'] === 1)
  apply({ put: route(2, 80) })
  await cache.persisted()
  t.strictSame(readdirSync(where), [])
  const small = new Tables()
  small.apply({ put: route(3, 80) })
  cache.replace(small, 99)
  await cache.persisted()
  t.equal(load(where)?.revision, 99)
  t.ok(held(tables).size > 0)
})

t.test('a folder that is not there stops nobody', async (t) => {
  const where = path.join(folder(t), 'missing')
  const { cache, counters, apply } = start(where)
  apply({ put: route(1, 80) })
  await cache.persisted()
  t.equal(counters.events['cache-failed'], 1)
})
