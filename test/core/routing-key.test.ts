import t from 'tap'
import { MAX_KEYS, isRoutingKey, splitKeys } from '../../core/routing-key.ts'

t.test('a routing key is a label value without dots', async (t) => {
  for (const key of ['a', '0', 'pr-42', 'PR_42', 'a--b', 'a'.repeat(63)]) t.ok(isRoutingKey(key), key)
  for (const key of [
    '',
    '-',
    '_',
    '-a',
    'a-',
    '_a',
    'a_',
    'a.b',
    'a,b',
    'a b',
    ' a',
    'a\n',
    'é',
    'a'.repeat(64),
    'a/b',
    'a=b',
    '__proto__',
  ])
    t.notOk(isRoutingKey(key), JSON.stringify(key))
})

t.test('keys are separated by dots and commas, in order, without repetition', async (t) => {
  const splits: Record<string, readonly string[]> = {
    '': [],
    'pr-42': ['pr-42'],
    'b.a': ['b', 'a'],
    'b,a': ['b', 'a'],
    'a.b,c': ['a', 'b', 'c'],
    ' a . b ': ['a', 'b'],
    'a.a.b.a': ['a', 'b'],
    '.a..b.': ['a', 'b'],
    'a.-.b': ['a', 'b'],
    '-': [],
    '...': [],
    'a b.c': ['c'],
  }
  for (const [text, keys] of Object.entries(splits)) t.strictSame(splitKeys(text), keys, JSON.stringify(text))
})

t.test('no more than 64 keys are taken', async (t) => {
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
  t.strictSame(splitKeys(keys.join('.')), keys.slice(0, MAX_KEYS))
})
