import t from 'tap'
import { isAtLeast, newest } from '../../kubernetes/resource-version.ts'

t.test('the newest of versions that no double holds', async (t) => {
  t.equal(newest(['9007199254740993', '9007199254740992', '10']), '9007199254740993')
  t.equal(newest([]), '0')
})

t.test('versions are compared as numbers, not as text', async (t) => {
  t.ok(isAtLeast('10', '9'))
  t.notOk(isAtLeast('9', '10'))
  t.ok(isAtLeast('7', '7'))
})
