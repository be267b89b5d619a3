import t from 'tap'
import { type Claimant, groupMembers, groupOrder, lostTo } from '../../../controller/routing/precedence.ts'

const claimant = (
  name: string,
  hour: number,
  services: readonly string[] = ['cart'],
  more: Partial<Claimant> = {},
): Claimant => ({
  kind: 'Sandbox',
  namespace: 'shop',
  name,
  uid: `uid-${name}`,
  created: `2026-01-01T0${hour}:00:00Z`,
  key: 'key',
  services,
  ...more,
})

const CASES: readonly [string, Claimant, readonly Claimant[], readonly [string, string][]][] = [
  ['nobody else: nothing lost', claimant('a', 1), [claimant('a', 1)], []],
  ['an older one under the same key has the Service', claimant('b', 2), [claimant('a', 1)], [['cart', 'a']]],
  ['a younger one does not', claimant('a', 1), [claimant('b', 2)], []],
  ['another key is no rival', claimant('b', 2), [claimant('a', 1, ['cart'], { key: 'other' })], []],
  ['another namespace is no rival', claimant('b', 2), [claimant('a', 1, ['cart'], { namespace: 'pay' })], []],
  ['other Services are kept', claimant('b', 2, ['web', 'cart']), [claimant('a', 1)], [['cart', 'a']]],
  ['the oldest of several has it', claimant('c', 3), [claimant('b', 2), claimant('a', 1)], [['cart', 'a']]],
  ['of two of the same second the first uid has it', claimant('b', 1), [claimant('a', 1)], [['cart', 'a']]],
  [
    'a group is a rival like a sandbox',
    claimant('b', 2),
    [claimant('g', 1, ['cart'], { kind: 'RouteGroup' })],
    [['cart', 'g']],
  ],
]

for (const [name, self, others, expected] of CASES) {
  t.test(name, async (t) => {
    t.strictSame(
      lostTo(self, others).map(({ service, to }) => [service, to.name]),
      expected,
    )
  })
}

t.test('a group takes whom it names in that order, then those that match, the oldest first', async (t) => {
  const matched = [claimant('young', 3), claimant('named', 1), claimant('old', 2)]
  t.strictSame(groupOrder(['z', 'named'], matched), ['z', 'named', 'old', 'young'])
})

t.test('the first member that forks a Service has it', async (t) => {
  const members = [
    { name: 'a', services: ['cart'] },
    { name: 'b', services: ['cart', 'web'] },
  ]
  t.strictSame(
    [...groupMembers(members)],
    [
      ['cart', 'a'],
      ['web', 'b'],
    ],
  )
})
