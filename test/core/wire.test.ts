import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import { LineSplitter, MAX_LINE_BYTES } from '../../core/lines.ts'
import { type Change, type Entry, difference, encodeLine, entryName, nameOf } from '../../core/wire.ts'

const destination = (listen: string, baseline = '10.0.0.1:80'): Entry => ({
  kind: 'destination',
  listen,
  service: 'cart',
  baseline,
  protocol: 'http',
  tables: ['cart'],
})
const route = (key: string, address = '10.0.0.7:80'): Entry => ({
  kind: 'route',
  table: 'cart',
  key,
  addresses: [address],
})
const named = (...entries: readonly Entry[]) => new Map(entries.map((entry) => [entryName(entry), entry]))

t.test('an entry is told by what names it', async (t) => {
  t.equal(entryName(destination('127.0.0.1:7001')), entryName(destination('127.0.0.1:7001', '10.0.0.2:80')))
  t.equal(entryName(route('a')), entryName(route('a', '10.0.0.8:80')))
  const all = [
    destination('127.0.0.1:7001'),
    route('a'),
    route('b'),
    { kind: 'key', key: 'a' },
    { kind: 'own-key', key: 'a' },
  ] as const
  t.equal(new Set(all.map(entryName)).size, all.length)
  for (const entry of all) t.equal(entryName(nameOf(entry)), entryName(entry))
  t.strictSame(nameOf(route('a')), { kind: 'route', table: 'cart', key: 'a' })
})

t.test('nothing changes between equals', async (t) => {
  t.strictSame(difference(named(route('a'), destination('x')), named(route('a'), destination('x'))), [])
})

t.test('drops come before puts', async (t) => {
  t.strictSame(
    difference(
      named(destination('x'), route('a'), route('b')),
      named(destination('y'), route('a', '10.0.0.8:80'), route('b')),
    ),
    [{ drop: { kind: 'destination', listen: 'x' } }, { put: destination('y') }, { put: route('a', '10.0.0.8:80') }],
  )
})

t.test('the difference turns any state into any other', async (t) => {
  const entry = fc.oneof(
    fc
      .tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('10.0.0.1:80', '10.0.0.2:80'))
      .map((each) => destination(...each)),
    fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('10.0.0.7:80', '10.0.0.8:80'))
      .map((each) => route(...each)),
    fc.constantFrom('a', 'b').map((key): Entry => ({ kind: 'key', key })),
    fc.constantFrom('a', 'b').map((key): Entry => ({ kind: 'own-key', key })),
  )
  const state = fc.array(entry, { maxLength: 8 }).map((entries) => named(...entries))
  fc.assert(
    fc.property(state, state, (before, after) => {
      const result = new Map(before)
      for (const change of difference(before, after)) apply(result, change)
      return isDeepStrictEqual(result, after)
    }),
    { numRuns: 2000 },
  )
  t.pass('2,000 pairs')
})

function apply(state: Map<string, Entry>, change: Change): void {
  if ('put' in change) state.set(entryName(change.put), change.put)
  else state.delete(entryName(change.drop))
}

t.test('a message is one line of JSON', async (t) => {
  const line = encodeLine({ put: { kind: 'key', key: 'a\nb' } })
  t.equal(line.indexOf('\n'), line.length - 1)
  t.strictSame(JSON.parse(line), { put: { kind: 'key', key: 'a\nb' } })
})

t.test('lines come out whole, however the bytes were cut', async (t) => {
  const bytes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 8 })), bytes, (texts, sizes) => {
      const lines = texts.map((text) => text.replaceAll('\n', ''))
      const all = Buffer.from(lines.map((line) => `${line}\n`).join(''))
      const splitter = new LineSplitter()
      const got: string[] = []
      for (let start = 0, turn = 0; start < all.length; turn++) {
        const end = start + (sizes[turn % sizes.length] ?? 1)
        got.push(...splitter.push(all.subarray(start, end)))
        start = end
      }
      return JSON.stringify(got) === JSON.stringify(lines)
    }),
    { numRuns: 2000 },
  )
  t.pass('2,000 streams')
})

t.test('a line that never ends is refused', async (t) => {
  const splitter = new LineSplitter()
  t.strictSame(splitter.push(Buffer.alloc(MAX_LINE_BYTES, 'x')), [])
  t.throws(() => splitter.push(Buffer.from('xx')), RangeError)
})
