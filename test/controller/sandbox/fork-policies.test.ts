import t from 'tap'
import { foreignPolicies } from '../../../controller/sandbox/foreign-policies.ts'
import { forkPolicies } from '../../../controller/sandbox/fork-policies.ts'
import type { NetworkPolicy } from '../../../kubernetes/resources/builtin.ts'
import { policy } from '../../fixtures/shop-objects.ts'

type Spec = NonNullable<NetworkPolicy['spec']>

const SELECTOR = { 'sidetrack.dev/sandbox': 'pr-42', 'sidetrack.dev/fork-of': 'cart' }
const PODS = { before: { app: 'cart', tier: 'back' }, after: { app: 'cart--pr-42', tier: 'back', ...SELECTOR } }
const NAMESPACE_LABELS = { env: 'dev' }
const WORKLOADS = [
  { name: 'cart', labels: PODS.before },
  { name: 'web', labels: { app: 'web' } },
  { name: 'db', labels: { app: 'db', tier: 'back' } },
]
const by = (app: string) => ({ podSelector: { matchLabels: { app } } })
const FORK = { podSelector: { matchLabels: SELECTOR } }
const forksOf = (...values: readonly string[]) => ({
  podSelector: { matchExpressions: [{ key: 'sidetrack.dev/fork-of', operator: 'In', values }] },
})
const PORTS = [{ port: 80 }]

const CASES: readonly [string, Spec, readonly { about: string; spec: Spec }[]][] = [
  ['about all pods: the fork is among them', { podSelector: {}, policyTypes: ['Ingress'] }, []],
  ['about others, naming others: nothing to do with the fork', { ...by('web'), ingress: [{ from: [by('db')] }] }, []],
  [
    'about a label that the fork keeps: it holds for the fork',
    { podSelector: { matchLabels: { tier: 'back' } }, ingress: [{}] },
    [],
  ],
  [
    'about the baseline: copied for the fork',
    { ...by('cart'), policyTypes: ['Ingress'], ingress: [{ ports: PORTS }] },
    [{ about: 'fork', spec: { ...FORK, policyTypes: ['Ingress'], ingress: [{ ports: PORTS }] } }],
  ],
  [
    'whom the baseline may talk to, the fork may, and their forks too',
    {
      ...by('cart'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [by('web')], ports: PORTS }],
      egress: [{ to: [by('db'), { ipBlock: { cidr: '10.0.0.0/8' } }] }],
    },
    [
      {
        about: 'fork',
        spec: {
          ...FORK,
          policyTypes: ['Ingress', 'Egress'],
          ingress: [{ from: [by('web'), forksOf('web')], ports: PORTS }],
          egress: [{ to: [by('db'), forksOf('db'), { ipBlock: { cidr: '10.0.0.0/8' } }] }],
        },
      },
    ],
  ],
  [
    'a peer of several workloads: the forks of each',
    { ...by('cart'), ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'back' } } }] }] },
    [
      {
        about: 'fork',
        spec: {
          ...FORK,
          ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'back' } } }, forksOf('cart', 'db')] }],
        },
      },
    ],
  ],
  [
    'about others, who talk to the baseline: they may talk to the fork as well, and nothing else is said of them',
    {
      ...by('db'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [by('cart'), by('web')], ports: PORTS }, { from: [by('web')] }],
      egress: [],
    },
    [{ about: 'peer', spec: { ...by('db'), policyTypes: ['Ingress'], ingress: [{ from: [FORK], ports: PORTS }] } }],
  ],
  [
    'the same outwards',
    { ...by('web'), policyTypes: ['Egress'], egress: [{ to: [by('cart')] }] },
    [{ about: 'peer', spec: { ...by('web'), policyTypes: ['Egress'], egress: [{ to: [FORK] }] } }],
  ],
  [
    'whoever lets the fork in by another label needs no copy',
    { ...by('db'), ingress: [{ from: [by('cart'), { podSelector: { matchLabels: { tier: 'back' } } }] }] },
    [],
  ],
  [
    'the baseline by namespace and label: the fork as well',
    { ...by('db'), ingress: [{ from: [{ ...by('cart'), namespaceSelector: { matchLabels: NAMESPACE_LABELS } }] }] },
    [{ about: 'peer', spec: { ...by('db'), policyTypes: ['Ingress'], ingress: [{ from: [FORK] }] } }],
  ],
  [
    'the label in another namespace: nothing',
    { ...by('db'), ingress: [{ from: [{ ...by('cart'), namespaceSelector: { matchLabels: { env: 'prod' } } }] }] },
    [],
  ],
  [
    'the whole namespace: the fork is in it',
    { ...by('db'), ingress: [{ from: [{ namespaceSelector: { matchLabels: NAMESPACE_LABELS } }] }] },
    [],
  ],
]

for (const [name, spec, expected] of CASES) {
  t.test(name, async (t) => {
    const copies = forkPolicies(PODS, SELECTOR, {
      policies: [policy('p', spec)],
      namespaceLabels: NAMESPACE_LABELS,
      workloads: WORKLOADS,
    })
    t.strictSame(
      copies.map((copy) => ({ about: copy.about, spec: copy.spec })),
      expected,
    )
  })
}

t.test(
  'a policy of another namespace that names the baseline is told of, one that admits the fork is not',
  async (t) => {
    const from = (podSelector: object, labels: object = NAMESPACE_LABELS): Spec => ({
      podSelector: {},
      ingress: [{ from: [{ podSelector, namespaceSelector: { matchLabels: { ...labels } } }] }],
    })
    const others = [
      policy('db', from({ matchLabels: { app: 'cart' } }), 'data'),
      policy('tier', from({ matchLabels: { tier: 'back' } }), 'data'),
      policy('prod', from({ matchLabels: { app: 'cart' } }, { env: 'prod' }), 'data'),
    ]
    t.match(foreignPolicies(PODS, NAMESPACE_LABELS, others, []), [
      { reason: 'ForeignPolicy', message: /^NetworkPolicy data\/db seems to be about the baseline's pods/ },
    ])
  },
)

t.test('a policy of a network plugin that mentions a label of the baseline is told of', async (t) => {
  const plugins = [
    { kind: 'CiliumNetworkPolicy', name: 'cart', text: '{"endpointSelector":{"matchLabels":{"k8s:app":"cart"}}}' },
    { kind: 'GlobalNetworkPolicy', name: 'cart', text: String.raw`{"selector":"app == 'cart'"}` },
    { kind: 'CiliumNetworkPolicy', name: 'back', text: '{"endpointSelector":{"matchLabels":{"tier":"back"}}}' },
  ]
  t.match(foreignPolicies(PODS, {}, [], plugins), [
    { message: /^CiliumNetworkPolicy cart and GlobalNetworkPolicy cart seem to be/ },
  ])
  t.strictSame(foreignPolicies(PODS, {}, [], plugins.slice(2)), [])
})
