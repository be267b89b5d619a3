import t from 'tap'
import { fromDeployment } from '../../../controller/sandbox/baseline.ts'
import { type SandboxWorld, shapeSandbox } from '../../../controller/sandbox/shape.ts'
import type { Fork } from '../../../kubernetes/resources/sandbox.ts'
import { deployment, sandbox, surroundings } from '../../fixtures/shop-objects.ts'

const of = (name: string): Fork => ({ of: { kind: 'Deployment', name } })
const CART = fromDeployment(deployment())
const WEB = fromDeployment(deployment({ name: 'web', podLabels: { app: 'web' } }))

function world(change: Partial<SandboxWorld> = {}): SandboxWorld {
  return {
    sandbox: sandbox({ forks: [of('cart'), of('web')] }),
    updatedAt: 0,
    limits: { ttl: {} },
    namespaceEnabled: true,
    older: 0,
    baselines: [CART, WEB],
    around: surroundings(),
    established: false,
    ...change,
  }
}
const shape = (change: Partial<SandboxWorld> = {}) => {
  const { forks, problems } = shapeSandbox(world(change))
  return {
    forks: forks.map(({ name }) => name),
    problems: problems.map(({ reason, message }) => `${reason}: ${message}`),
  }
}

t.test('every fork of a valid sandbox is made', async (t) => {
  t.strictSame(shape(), { forks: ['cart--pr-42', 'web--pr-42'], problems: [] })
})

const REFUSED: readonly [string, Partial<SandboxWorld>, string][] = [
  [
    'a namespace that does not allow it',
    { namespaceEnabled: false },
    'NamespaceNotEnabled: namespace shop does not allow sandboxes: label it sidetrack.dev/sandboxes=enabled',
  ],
  [
    'more sandboxes than are allowed',
    { older: 3, limits: { ttl: {}, perNamespace: 3 } },
    'TooManySandboxes: namespace shop has 3 older sandboxes, and 3 are allowed: delete one',
  ],
  [
    'a key that is none',
    { sandbox: sandbox({ routingKey: 'a.b', forks: [of('cart')] }), baselines: [CART] },
    'Invalid: spec.routingKey: "a.b" is no routing key: 1 to 63 letters, digits, - and _',
  ],
  [
    'a name that is no key',
    { sandbox: sandbox({ forks: [of('cart')] }, { name: 'a.b' }), baselines: [CART] },
    'Invalid: metadata.name: "a.b" is no routing key: 1 to 63 letters, digits, - and _',
  ],
  [
    'a lifetime above the maximum',
    {
      sandbox: sandbox({ forks: [of('cart')], ttl: { duration: '2h' } }),
      baselines: [CART],
      limits: { ttl: { maximumMs: 3_600_000 } },
    },
    "Invalid: spec.ttl.duration: 2h is above the cluster's maximum, 1h",
  ],
  [
    'the same workload twice',
    { sandbox: sandbox({ forks: [of('cart'), of('cart')] }), baselines: [CART, CART] },
    'Invalid: spec.forks[1].of: cart is forked by spec.forks[0] already',
  ],
  [
    'one fork of two that is not valid',
    { sandbox: sandbox({ forks: [of('cart'), { ...of('web'), images: [{ container: 'x', image: 'i' }] }] }) },
    'Invalid: spec.forks[1].images[0].container: there is no container x; there are cart',
  ],
]

for (const [name, change, problem] of REFUSED) {
  for (const established of [false, true]) {
    t.test(`nothing is made${established ? ', and what was made goes' : ''}: ${name}`, async (t) => {
      t.strictSame(shape({ ...change, established }), { forks: [], problems: [problem] })
    })
  }
}

const MISSING = ['BaselineMissing: spec.forks[1].of: there is no Deployment web in namespace shop']

t.test('a new sandbox waits for all of its baselines', async (t) => {
  t.strictSame(shape({ baselines: [CART, undefined] }), { forks: [], problems: MISSING })
})

t.test('a sandbox that is made loses the fork of a baseline that goes, and no other', async (t) => {
  t.strictSame(shape({ baselines: [CART, undefined], established: true }), {
    forks: ['cart--pr-42'],
    problems: MISSING,
  })
})
