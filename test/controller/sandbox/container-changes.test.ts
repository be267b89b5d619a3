import t from 'tap'
import { addIdentity, changeContainers } from '../../../controller/sandbox/container-changes.ts'
import type { PodSpec } from '../../../kubernetes/resources/pod-template.ts'
import type { ForkEnv } from '../../../kubernetes/resources/sandbox.ts'

const SPEC: PodSpec = {
  initContainers: [{ name: 'wait', image: 'wait:1' }],
  containers: [
    {
      name: 'cart',
      image: 'cart:1',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', valueFrom: { secretKeyRef: { key: 'k', name: 's' } } },
        { name: 'C', value: '3' },
      ],
    },
    { name: 'proxy', image: 'proxy:1', envFrom: [{ configMapRef: { name: 'c' } }] },
  ],
}
const cart = (change: object): PodSpec => ({
  ...SPEC,
  containers: SPEC.containers.map((each) => (each.name === 'cart' ? { ...each, ...change } : each)),
})
const [A, B, C] = SPEC.containers[0]?.env ?? []

t.test('images change by container, init containers too', async (t) => {
  const images = [
    { container: 'cart', image: 'cart:2' },
    { container: 'wait', image: 'wait:2' },
  ]
  const { spec, problems } = changeContainers(SPEC, { images }, 'spec.forks[0]')
  t.strictSame(spec, { ...cart({ image: 'cart:2' }), initContainers: [{ name: 'wait', image: 'wait:2' }] })
  t.strictSame(problems, [])
})

const change = (each: Omit<ForkEnv, 'container'>): ForkEnv => ({ container: 'cart', ...each })
const FIELD = { fieldRef: { fieldPath: 'p' } }
const ENV: readonly [string, readonly ForkEnv[], readonly unknown[]][] = [
  ['a new variable comes last', [change({ name: 'D', value: '4' })], [A, B, C, { name: 'D', value: '4' }]],
  ['a variable keeps its place', [change({ name: 'A', value: '9' })], [{ name: 'A', value: '9' }, B, C]],
  ['a value takes the place of a reference', [change({ name: 'B', value: '2' })], [A, { name: 'B', value: '2' }, C]],
  [
    'a reference takes the place of a value',
    [change({ name: 'C', valueFrom: FIELD })],
    [A, B, { name: 'C', valueFrom: FIELD }],
  ],
  ['a variable is taken away', [change({ name: 'B', delete: true })], [A, C]],
  ['neither value nor reference: empty', [change({ name: 'A' })], [{ name: 'A', value: '' }, B, C]],
  [
    'of two changes the last counts',
    [change({ name: 'A', value: '8' }), change({ name: 'A', value: '9' })],
    [{ name: 'A', value: '9' }, B, C],
  ],
]

for (const [name, changes, env] of ENV) {
  t.test(name, async (t) => {
    const { spec } = changeContainers(SPEC, { env: changes }, 'f')
    t.strictSame(spec, cart({ env }))
  })
}

t.test('a container that is not there is a problem that names the field and those that are', async (t) => {
  const { problems } = changeContainers(
    SPEC,
    {
      images: [{ container: 'web', image: 'x' }],
      env: [
        { container: 'cart', name: 'A' },
        { container: 'wbe', name: 'A' },
      ],
    },
    'spec.forks[1]',
  )
  t.strictSame(problems, [
    {
      reason: 'Invalid',
      message: 'spec.forks[1].images[0].container: there is no container web; there are wait, cart and proxy',
    },
    {
      reason: 'Invalid',
      message: 'spec.forks[1].env[1].container: there is no container wbe; there are wait, cart and proxy',
    },
  ])
})

t.test('a value and a deletion at once are a problem', async (t) => {
  const { problems } = changeContainers(SPEC, { env: [{ container: 'cart', name: 'A', value: '', delete: true }] }, 'f')
  t.strictSame(
    problems.map(({ message }) => message),
    ['f.env[0]: give one of value, valueFrom and delete'],
  )
})

t.test('a variable to delete that is not there is warned of, and envFrom is named where there is one', async (t) => {
  const env = ['cart', 'proxy'].map((container) => ({ container, name: 'X', delete: true }))
  t.strictSame(
    changeContainers(SPEC, { env }, 'f').warnings.map(({ message }) => message),
    [
      'Container cart has no variable X of its own to delete.',
      'Container proxy has no variable X of its own to delete; if it comes from envFrom, set it to another value or patch envFrom.',
    ],
  )
})

t.test('every container knows its sandbox and key before all else, whatever the baseline said', async (t) => {
  const identity = [
    { name: 'SIDETRACK_SANDBOX', value: 'pr-42' },
    { name: 'SIDETRACK_ROUTING_KEY', value: 'key' },
  ]
  const { containers, initContainers } = addIdentity(
    cart({ env: [A, { name: 'SIDETRACK_SANDBOX', value: 'old' }] }),
    'pr-42',
    'key',
  )
  t.strictSame(
    containers.map(({ env }) => env),
    [[...identity, A], identity],
  )
  t.strictSame(
    initContainers?.map(({ env }) => env),
    [identity],
  )
})
