import t from 'tap'
import { followLabels } from '../../../controller/sandbox/fork-scheduling.ts'
import type { LabelSelector } from '../../../kubernetes/label-selector.ts'
import type { PodSpec } from '../../../kubernetes/resources/pod-template.ts'

const LABELS = { before: { app: 'cart', tier: 'back' }, after: { app: 'F', tier: 'back' } }
const containers = [{ name: 'cart' }]
const app = (value: string): LabelSelector => ({ matchLabels: { app: value } })
const spread = (labelSelector: LabelSelector): PodSpec => ({
  containers,
  topologySpreadConstraints: [
    {
      topologyKey: 'zone',
      maxSkew: 1,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector,
    },
  ],
})
const expressions = (...values: readonly string[]): LabelSelector => ({
  matchExpressions: [{ key: 'app', operator: 'In', values }],
})

const term = (value: string, more: object = {}) => ({ topologyKey: 'host', labelSelector: app(value), ...more })

const affinity = (own: string): PodSpec['affinity'] =>
  ({
    nodeAffinity: { x: 1 },
    podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term(own) }] },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        term(own),
        term('web'),
        term('cart', { namespaces: ['x'] }),
        term('cart', { namespaceSelector: {} }),
      ],
    },
  }) as never

const CASES: readonly [string, PodSpec, PodSpec][] = [
  ['pods that are spread among themselves are the fork’s', spread(app('cart')), spread(app('F'))],
  ['by one of several values', spread(expressions('cart', 'web')), spread(expressions('F', 'web'))],
  [
    'a rule about a label that is kept stays',
    spread({ matchLabels: { tier: 'back' } }),
    spread({ matchLabels: { tier: 'back' } }),
  ],
  ['a rule about other pods stays', spread(app('web')), spread(app('web'))],
]

for (const [name, before, after] of CASES) {
  t.test(name, async (t) => {
    t.strictSame(followLabels(before, LABELS), { spec: after, warnings: [] })
  })
}

t.test(
  'affinities follow, required and preferred, towards and apart, unless they look into other namespaces',
  async (t) => {
    const { spec, warnings } = followLabels({ containers, affinity: affinity('cart') } as PodSpec, LABELS)
    t.strictSame(spec, { containers, affinity: affinity('F') })
    t.strictSame(warnings, [])
  },
)

t.test('a rule that cannot be made to hold for the fork stays, and is told of', async (t) => {
  const gone = { before: { app: 'cart' }, after: {} }
  const { spec, warnings } = followLabels(spread(app('cart')), gone)
  t.strictSame(spec, spread(app('cart')))
  t.strictSame(warnings, [
    {
      reason: 'SchedulingRuleKept',
      message: "The spread over zone is about the baseline's pods and does not hold for the fork's.",
    },
  ])
})
