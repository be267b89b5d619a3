import t from 'tap'
import { switchovers } from '../../bench/switchover.ts'

function answer(received: number, variant: string) {
  return { intended: received - 1, sent: received - 1, received, variant, kind: 0 }
}

t.test('an edit is in force from its first new answer, and entirely after its last old one', (t) => {
  const answers = [answer(9, 'a'), answer(12, 'a'), answer(14, 'b'), answer(15, 'a'), answer(16, 'b')]
  t.same(switchovers(answers, [{ at: 10, variant: 'b' }]), [{ firstNew: 4, lastOld: 5 }])
  t.end()
})

t.test('answers belong to the edit before them, in the order in which they arrived', (t) => {
  const answers = [answer(31, 'a'), answer(11, 'a'), answer(12, 'b'), answer(22, 'a'), answer(21, 'b')]
  const edits = [
    { at: 10, variant: 'b' },
    { at: 20, variant: 'a' },
  ]
  t.same(switchovers(answers, edits), [
    { firstNew: 2, lastOld: 1 },
    { firstNew: 2, lastOld: 1 },
  ])
  t.end()
})

t.test('an edit that moved everything at once has no old answer', (t) => {
  t.same(switchovers([answer(11, 'b')], [{ at: 10, variant: 'b' }]), [{ firstNew: 1, lastOld: 0 }])
  t.end()
})

t.test('an edit that never came into force has no first answer; lost requests do not count', (t) => {
  const lost = { ...answer(11, 'b'), received: Number.NaN }
  const [found] = switchovers([lost, answer(12, 'a')], [{ at: 10, variant: 'b' }])
  t.ok(Number.isNaN(found?.firstNew))
  t.equal(found?.lastOld, 2)
  t.end()
})
