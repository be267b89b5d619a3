// Numbers of local addresses: written before they are used, given once.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { LocalAddresses } from '../../../agent/node/local-addresses.ts'

const assigned = (addresses: LocalAddresses, ...wanted: readonly string[]) =>
  Object.fromEntries(addresses.assign(wanted))

t.test('numbers are in the file when they are given, and the same for the next agent', async (t) => {
  const file = path.join(t.testdir(), 'addresses.json')
  const { addresses, lost } = LocalAddresses.load(file)
  t.match(lost, /ENOENT/)
  t.strictSame(assigned(addresses, 'a', 'b'), { a: 1, b: 2 })
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), { last: 2, numbers: { a: 1, b: 2 } })
  const next = LocalAddresses.load(file)
  t.equal(next.lost, undefined)
  t.strictSame(assigned(next.addresses, 'c', 'b', 'a'), { a: 1, b: 2, c: 3 })
  t.strictSame(readdirSync(path.dirname(file)), ['addresses.json'])
})

t.test('a number comes back only when every other one was used', async (t) => {
  const { addresses } = LocalAddresses.load(path.join(t.testdir(), 'addresses.json'), 4)
  t.strictSame(assigned(addresses, 'a', 'b'), { a: 1, b: 2 })
  t.strictSame(assigned(addresses, 'b', 'c'), { b: 2, c: 3 })
  t.strictSame(assigned(addresses, 'a', 'b'), { a: 4, b: 2 })
  t.strictSame(assigned(addresses, 'b', 'd'), { b: 2, d: 1 })
  t.strictSame(assigned(addresses, 'b', 'd', 'e', 'f'), { b: 2, d: 1, e: 3, f: 4 })
  t.throws(() => addresses.assign(['b', 'd', 'e', 'f', 'g']), RangeError)
})

t.test('a restart does not make used numbers new', async (t) => {
  const file = path.join(t.testdir(), 'addresses.json')
  LocalAddresses.load(file).addresses.assign(['a', 'b'])
  LocalAddresses.load(file).addresses.assign([])
  t.strictSame(assigned(LocalAddresses.load(file).addresses, 'c'), { c: 3 })
})

t.test('what is still redirected keeps its number although nobody wants it', async (t) => {
  const { addresses } = LocalAddresses.load(path.join(t.testdir(), 'addresses.json'))
  addresses.assign(['a', 'b'])
  t.strictSame(Object.fromEntries(addresses.assign(['c'], (each) => each === 'a')), { a: 1, c: 3 })
})

for (const [fact, text] of [
  ['half a file', '{"last":2,"numbers":{"a":1'],
  ['an empty file', ''],
  ['another file', '[]'],
  ['a number twice', '{"last":2,"numbers":{"a":1,"b":1}}'],
  ['a number that is none', '{"last":2,"numbers":{"a":"1"}}'],
  ['a number out of range', '{"last":2,"numbers":{"a":4194303}}'],
] as const) {
  t.test(`${fact} counts as lost, and what kernels say is adopted`, async (t) => {
    const file = path.join(t.testdir(), 'addresses.json')
    writeFileSync(file, text)
    const { addresses, lost } = LocalAddresses.load(file)
    t.type(lost, 'string')
    t.equal(addresses.adopt('a', 7), true)
    t.equal(addresses.adopt('a', 7), true, 'another pod says the same')
    t.equal(addresses.adopt('b', 7), false, 'another destination')
    t.equal(addresses.adopt('a', 8), false, 'another number')
    t.strictSame(assigned(addresses, 'a', 'b'), { a: 7, b: 8 })
  })
}

t.test('numbers that cannot be written are not given, and written as soon as they can be', async (t) => {
  const folder = t.testdir({})
  const file = path.join(folder, 'missing', 'addresses.json')
  const { addresses } = LocalAddresses.load(file)
  t.throws(() => addresses.assign(['a']), { code: 'ENOENT' })
  t.throws(() => addresses.assign(['a']), { code: 'ENOENT' })
})
