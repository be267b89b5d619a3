import t from 'tap'
import { POD_TEMPLATE } from '../../../controller/patch/merge-schema.ts'
import { strategicMerge } from '../../../controller/patch/strategic-merge.ts'

type Spec = Readonly<Record<string, unknown>>

const CART = {
  name: 'cart',
  image: 'cart:1',
  env: [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ],
}
const PROXY = { name: 'proxy', image: 'proxy:1' }

const CASES: readonly [string, { before?: Spec; patch: Spec; after: Spec }][] = [
  ['a plain field is set', { before: { priority: 1 }, patch: { priority: 2 }, after: { priority: 2 } }],
  ['null takes a field away', { before: { priority: 1, x: 1 }, patch: { priority: null }, after: { x: 1 } }],
  ['null for what is not there changes nothing', { before: { x: 1 }, patch: { y: null }, after: { x: 1 } }],
  [
    'objects are merged field by field',
    {
      before: { nodeSelector: { a: '1', b: '2' } },
      patch: { nodeSelector: { b: '3', c: '4', a: null } },
      after: { nodeSelector: { b: '3', c: '4' } },
    },
  ],
  [
    '$patch: replace leaves nothing of an object',
    {
      before: { nodeSelector: { a: '1' } },
      patch: { nodeSelector: { $patch: 'replace', b: '2' } },
      after: { nodeSelector: { b: '2' } },
    },
  ],
  [
    '$patch: delete empties an object',
    {
      before: { securityContext: { runAsUser: 1 } },
      patch: { securityContext: { $patch: 'delete' } },
      after: { securityContext: {} },
    },
  ],
  [
    'containers are merged by name and keep their place',
    {
      before: { containers: [PROXY, CART] },
      patch: { containers: [{ name: 'cart', image: 'cart:2' }] },
      after: { containers: [PROXY, { ...CART, image: 'cart:2' }] },
    },
  ],
  [
    'a new container comes before the others, as in Kubernetes',
    {
      before: { containers: [CART] },
      patch: { containers: [{ name: 'debug', image: 'd', command: null }] },
      after: { containers: [{ name: 'debug', image: 'd' }, CART] },
    },
  ],
  [
    'new containers of an order come in it',
    {
      before: { containers: [CART] },
      patch: {
        containers: [{ name: 'y' }, { name: 'x' }],
        '$setElementOrder/containers': [{ name: 'y' }, { name: 'x' }, { name: 'cart' }],
      },
      after: { containers: [{ name: 'y' }, { name: 'x' }, CART] },
    },
  ],
  [
    '$patch: delete takes a container away',
    {
      before: { containers: [PROXY, CART] },
      patch: { containers: [{ name: 'proxy', $patch: 'delete' }] },
      after: { containers: [CART] },
    },
  ],
  [
    '$patch: replace in a list leaves nothing of it',
    {
      before: { containers: [PROXY, CART] },
      patch: { containers: [{ name: 'x' }, { $patch: 'replace' }] },
      after: { containers: [{ name: 'x' }] },
    },
  ],
  [
    'variables are merged by name',
    {
      before: { containers: [CART] },
      patch: {
        containers: [
          {
            name: 'cart',
            env: [
              { name: 'B', value: '3' },
              { name: 'A', $patch: 'delete' },
              { name: 'C', value: '4' },
            ],
          },
        ],
      },
      after: {
        containers: [
          {
            ...CART,
            env: [
              { name: 'B', value: '3' },
              { name: 'C', value: '4' },
            ],
          },
        ],
      },
    },
  ],
  [
    'a variable keeps fields that the patch does not name',
    {
      before: { containers: [CART] },
      patch: { containers: [{ name: 'cart', env: [{ name: 'A', valueFrom: { fieldRef: {} }, value: null }] }] },
      after: { containers: [{ ...CART, env: [{ name: 'A', valueFrom: { fieldRef: {} } }, CART.env[1]] }] },
    },
  ],
  [
    'ports are merged by their number, whatever the protocol',
    {
      before: { containers: [{ name: 'c', ports: [{ containerPort: 53, protocol: 'UDP' }] }] },
      patch: { containers: [{ name: 'c', ports: [{ containerPort: 53, name: 'dns' }] }] },
      after: { containers: [{ name: 'c', ports: [{ containerPort: 53, protocol: 'UDP', name: 'dns' }] }] },
    },
  ],
  [
    'mounts are merged by their path',
    {
      before: { initContainers: [{ name: 'c', volumeMounts: [{ mountPath: '/a', name: 'v' }] }] },
      patch: { initContainers: [{ name: 'c', volumeMounts: [{ mountPath: '/a', name: 'w' }] }] },
      after: { initContainers: [{ name: 'c', volumeMounts: [{ mountPath: '/a', name: 'w' }] }] },
    },
  ],
  [
    'a volume of another kind gets both kinds without $retainKeys, as in Kubernetes',
    {
      before: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
      patch: { volumes: [{ name: 'v', emptyDir: {} }] },
      after: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' }, emptyDir: {} }] },
    },
  ],
  [
    '$retainKeys drops the fields that it does not name',
    {
      before: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
      patch: { volumes: [{ name: 'v', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] },
      after: { volumes: [{ name: 'v', emptyDir: {} }] },
    },
  ],
  [
    'tolerations are replaced',
    {
      before: { tolerations: [{ key: 'a' }] },
      patch: { tolerations: [{ key: 'b' }] },
      after: { tolerations: [{ key: 'b' }] },
    },
  ],
  ['arguments are replaced', { before: { args: ['a', 'b'] }, patch: { args: ['c'] }, after: { args: ['c'] } }],
  [
    'pull secrets, host aliases and spread constraints are merged by their keys',
    {
      before: {
        imagePullSecrets: [{ name: 'a' }],
        hostAliases: [{ ip: '1.1.1.1', hostnames: ['a'] }],
        topologySpreadConstraints: [{ topologyKey: 'z', maxSkew: 1 }],
      },
      patch: {
        imagePullSecrets: [{ name: 'b' }],
        hostAliases: [{ ip: '1.1.1.1', hostnames: ['b'] }],
        topologySpreadConstraints: [{ topologyKey: 'z', maxSkew: 2 }],
      },
      after: {
        imagePullSecrets: [{ name: 'b' }, { name: 'a' }],
        hostAliases: [{ ip: '1.1.1.1', hostnames: ['b'] }],
        topologySpreadConstraints: [{ topologyKey: 'z', maxSkew: 2 }],
      },
    },
  ],
  [
    'an order is enforced on what is there',
    {
      before: { containers: [CART, PROXY] },
      patch: { '$setElementOrder/containers': [{ name: 'proxy' }, { name: 'cart' }] },
      after: { containers: [PROXY, CART] },
    },
  ],
]

for (const [name, { before = {}, patch, after }] of CASES) {
  t.test(name, async (t) => {
    const original = structuredClone(before)
    t.strictSame(strategicMerge({ spec: before }, { spec: patch }, POD_TEMPLATE), { spec: after })
    t.strictSame(before, original, 'the original is left alone')
  })
}

t.test('plain values that are merged are there once, and are taken away by $deleteFromPrimitiveList', async (t) => {
  const metadata = { finalizers: ['a', 'b'] }
  const merge = (patch: object) => strategicMerge({ metadata }, { metadata: patch }, POD_TEMPLATE)
  t.strictSame(merge({ finalizers: ['b', 'c'] }), { metadata: { finalizers: ['a', 'b', 'c'] } })
  t.strictSame(merge({ '$deleteFromPrimitiveList/finalizers': ['a', 'x'] }), { metadata: { finalizers: ['b'] } })
})

const REFUSED: readonly [string, Spec, string][] = [
  ['an item without its key', { containers: [{ image: 'x' }] }, 'spec.containers: an item has no name'],
  ['an item that is no object', { containers: ['x'] }, 'spec.containers: its items are objects with name, not "x"'],
  [
    'a directive that is none',
    { containers: [{ name: 'cart', $patch: 'merge' }] },
    'spec.containers: $patch of an item is not delete or replace',
  ],
  ['a directive of an object that is none', { $patch: 'x' }, 'spec: $patch is "x", not replace or delete'],
  [
    'an order that the items contradict',
    { containers: [{ name: 'b' }, { name: 'a' }], '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }] },
    'spec.containers: the items are not in the order of $setElementOrder',
  ],
  [
    '$retainKeys that leaves out what is set',
    { $retainKeys: ['a'], b: 1 },
    'spec: $retainKeys does not name b, which the patch sets',
  ],
]

for (const [name, patch, message] of REFUSED) {
  t.test(`refused: ${name}`, async (t) => {
    t.throws(() => strategicMerge({ spec: { containers: [CART] } }, { spec: patch }, POD_TEMPLATE), {
      name: 'PatchError',
      message,
    })
  })
}
