import t from 'tap'
import {
  SERVICE_NAME_LENGTH,
  WORKLOAD_NAME_LENGTH,
  forkName,
  objectName,
} from '../../../controller/sandbox/fork-name.ts'
import { labelValue } from '../../../kubernetes/label-value.ts'

t.test('a fork is named for its baseline and its sandbox', async (t) => {
  t.equal(forkName('cart', 'pr-42', WORKLOAD_NAME_LENGTH), 'cart--pr-42')
})

t.test('a name that is too long ends with a hash of the whole', async (t) => {
  const names = ['a', 'b'].map((end) => forkName('cart', `${'x'.repeat(60)}${end}`, WORKLOAD_NAME_LENGTH))
  for (const name of names) t.match(name, /^cart--x+-[0-9a-f]{8}$/)
  t.strictSame(
    names.map((name) => name.length),
    [WORKLOAD_NAME_LENGTH, WORKLOAD_NAME_LENGTH],
  )
  t.not(names[0], names[1])
})

t.test('pairs whose names run together are told apart', async (t) => {
  const pairs = [
    ['a', 'b--c'],
    ['a--b', 'c'],
    ['a-', '-b'],
    ['a.b', 'c'],
    ['a-b', 'c'],
    ['a', 'b.c'],
    ['a', 'b-c'],
    ['a-', 'b'],
    ['a', '-b'],
  ] as const
  t.equal(new Set(pairs.map(([a, b]) => forkName(a, b, WORKLOAD_NAME_LENGTH))).size, pairs.length)
})

t.test('every name is one label of a domain name', async (t) => {
  for (const sandbox of ['pr-42', 'a.b.c', `${'x'.repeat(52)}.y`, 'z'.repeat(253)]) {
    const name = forkName('cart.v2', sandbox, SERVICE_NAME_LENGTH)
    t.match(name, /^[a-z]([a-z0-9-]*[a-z0-9])?$/)
    t.ok(name.length <= SERVICE_NAME_LENGTH, name)
  }
})

t.test('names that fit are labels and objects as they are, others are cut', async (t) => {
  t.equal(labelValue('a'.repeat(63)), 'a'.repeat(63))
  t.match(labelValue('a'.repeat(64)), /^a{54}-[0-9a-f]{8}$/)
  t.equal(objectName('a'.repeat(253)).length, 253)
  t.match(objectName('a'.repeat(254)), /^a{244}-[0-9a-f]{8}$/)
})
