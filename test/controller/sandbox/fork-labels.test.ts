import t from 'tap'
import { forkLabels } from '../../../controller/sandbox/fork-labels.ts'
import type { LabelSelector, Labels } from '../../../kubernetes/label-selector.ts'

const LABELS: Labels = { app: 'cart', tier: 'back', version: 'v1' }
const BY_APP: LabelSelector = { matchLabels: { app: 'cart' } }
const expression = (key: string, operator: string, ...values: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
})

const CASES: readonly [
  string,
  { own?: LabelSelector; others?: readonly LabelSelector[]; labels: Labels; selectedBy?: readonly string[] },
][] = [
  ['the label of the baseline’s selector is changed, every other is kept', { labels: { ...LABELS, app: 'F' } }],
  [
    'every label of the baseline’s selector is changed',
    { own: { matchLabels: { app: 'cart', version: 'v1' } }, labels: { app: 'F', tier: 'back', version: 'F' } },
  ],
  [
    'a Service that selects by other labels: the first of them is changed',
    { others: [{ matchLabels: { version: 'v1', tier: 'back' } }], labels: { app: 'F', tier: 'F', version: 'v1' } },
  ],
  [
    'a Service of another workload changes nothing',
    { others: [{ matchLabels: { tier: 'front' } }], labels: { ...LABELS, app: 'F' } },
  ],
  [
    'a Service that would select by a label and one that is changed anyway changes nothing more',
    { others: [{ matchLabels: { app: 'cart', tier: 'back' } }], labels: { ...LABELS, app: 'F' } },
  ],
  ['one of several values: changed', { own: expression('app', 'In', 'cart', 'web'), labels: { ...LABELS, app: 'F' } }],
  [
    'a label that must be there is taken away',
    { others: [expression('tier', 'Exists')], labels: { app: 'F', version: 'v1' } },
  ],
  [
    'a selector of everything cannot be escaped, and is named',
    { others: [{}], labels: { ...LABELS, app: 'F' }, selectedBy: ['other 0'] },
  ],
  [
    'a selector that the change itself would match is escaped',
    {
      others: [
        {
          matchExpressions: [
            { key: 'app', operator: 'NotIn', values: ['cart'] },
            { key: 'tier', operator: 'Exists' },
          ],
        },
      ],
      labels: { app: 'F', version: 'v1' },
    },
  ],
  [
    'a baseline without selector: only what others select is changed',
    { own: {}, others: [BY_APP], labels: { ...LABELS, app: 'F' } },
  ],
]

for (const [name, { own = BY_APP, others = [], labels, selectedBy = [] }] of CASES) {
  t.test(name, async (t) => {
    const inUse = others.map((selector, index) => ({ of: `other ${index}`, selector }))
    t.strictSame(forkLabels(LABELS, own, inUse, 'F'), { labels, selectedBy })
  })
}
