import t from 'tap'
import { type LabelSelector, selects } from '../../kubernetes/label-selector.ts'

const LABELS = { app: 'cart', tier: 'back' }
const expression = (key: string, operator: string, ...values: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
})

const CASES: readonly [string, LabelSelector | undefined, boolean][] = [
  ['no selector: nothing', undefined, false],
  ['an empty selector: everything', {}, true],
  ['its labels', { matchLabels: LABELS }, true],
  ['one label of another value', { matchLabels: { ...LABELS, tier: 'front' } }, false],
  ['a label that is not there', { matchLabels: { x: 'y' } }, false],
  ['In, among them', expression('app', 'In', 'web', 'cart'), true],
  ['In, not among them', expression('app', 'In', 'web'), false],
  ['In, not there', expression('x', 'In', 'cart'), false],
  ['NotIn, among them', expression('app', 'NotIn', 'cart'), false],
  ['NotIn, not there', expression('x', 'NotIn', 'cart'), true],
  ['Exists', expression('app', 'Exists'), true],
  ['Exists, not there', expression('x', 'Exists'), false],
  ['DoesNotExist', expression('app', 'DoesNotExist'), false],
  ['DoesNotExist, not there', expression('x', 'DoesNotExist'), true],
  ['an operator that is not known: nothing', expression('app', 'Near', 'cart'), false],
  ['labels and expressions: both', { matchLabels: { app: 'cart' }, ...expression('tier', 'In', 'front') }, false],
]

for (const [name, selector, expected] of CASES) {
  t.test(name, async (t) => {
    t.equal(selects(selector, LABELS), expected)
  })
}
