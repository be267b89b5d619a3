import t from 'tap'
import { fromDeployment, fromRollout, fromStatefulSet, type Baseline } from '../../../controller/sandbox/baseline.ts'
import { deriveFork, type DerivedFork, type Surroundings } from '../../../controller/sandbox/derive.ts'
import type { Desired } from '../../../controller/plan/desired.ts'
import type { Fork } from '../../../kubernetes/resources/sandbox.ts'
import {
  CART,
  CART_LABELS,
  IMAGE,
  deployment,
  sandbox,
  service,
  statefulSet,
  surroundings,
} from '../../fixtures/shop-objects.ts'

const OF_CART: Fork['of'] = { kind: 'Deployment', name: 'cart' }
const SELECTOR = { 'sidetrack.dev/sandbox': 'pr-42', 'sidetrack.dev/fork-of': 'cart' }
const OWNER = {
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Sandbox',
  name: 'pr-42',
  uid: 'uid-pr-42',
  controller: true,
}
const IDENTITY = [
  { name: 'SIDETRACK_SANDBOX', value: 'pr-42' },
  { name: 'SIDETRACK_ROUTING_KEY', value: 'pr-42' },
]

function derive(
  baseline: Baseline | undefined,
  fork: Partial<Fork> = {},
  around: Partial<Surroundings> = {},
): DerivedFork {
  if (baseline === undefined) throw new Error('no baseline')
  const whole = { of: { kind: baseline.kind, name: baseline.metadata.name }, ...fork }
  return deriveFork(sandbox({ forks: [whole] }), 0, whole, baseline, surroundings(around))
}
const object = ({ objects }: DerivedFork, kind: Desired['kind']) => objects.find((each) => each.kind === kind)
const version = (fork: Partial<Fork>, name?: string) =>
  derive(fromDeployment(deployment(name === undefined ? {} : { labels: { x: name } })), fork).version
const reasons = ({ warnings }: DerivedFork) => warnings.map(({ reason }) => reason)
const messages = ({ warnings }: DerivedFork) => warnings.map(({ message }) => message)

t.test('a Deployment is forked whole: workload and Service, nothing to warn of', async (t) => {
  const derived = derive(fromDeployment(deployment()), { images: [{ container: 'cart', image: IMAGE }] })
  t.strictSame(derived.problems, [])
  t.strictSame(derived.warnings, [])
  t.strictSame(derived.objects, [
    {
      kind: 'Deployment',
      metadata: {
        namespace: 'shop',
        name: 'cart--pr-42',
        labels: { app: 'cart--pr-42', tier: 'back', 'app.kubernetes.io/managed-by': 'sidetrack', ...SELECTOR },
        annotations: {},
        ownerReferences: [OWNER],
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: SELECTOR },
        template: {
          metadata: {
            labels: { app: 'cart--pr-42', tier: 'back', ...SELECTOR },
            annotations: {
              'sidetrack.dev/inject': 'true',
              'sidetrack.dev/key': 'pr-42',
              'sidetrack.dev/version': derived.version,
            },
          },
          spec: { containers: [{ ...CART, image: IMAGE, env: IDENTITY }] },
        },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        revisionHistoryLimit: 0,
      },
    },
    {
      kind: 'Service',
      metadata: {
        namespace: 'shop',
        name: 'cart--pr-42',
        labels: { ...SELECTOR, 'sidetrack.dev/service': 'cart' },
        ownerReferences: [OWNER],
      },
      spec: {
        clusterIP: 'None',
        selector: SELECTOR,
        ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'http' }],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
      },
    },
  ])
})

t.test('the version changes with the pods, and with nothing else', async (t) => {
  t.match(version({}), /^[0-9a-f]{16}$/)
  t.equal(version({}), version({ replicas: 2 }))
  t.equal(version({}), version({}, 'other'))
  t.not(version({}), version({ images: [{ container: 'cart', image: IMAGE }] }))
})

t.test('replicas are one unless the sandbox says more, however many the baseline has', async (t) => {
  t.match(object(derive(fromDeployment(deployment())), 'Deployment')?.spec, { replicas: 1 })
  t.match(object(derive(fromDeployment(deployment()), { replicas: 2 }), 'Deployment')?.spec, { replicas: 2 })
})

t.test('the fork of what recreates its pods recreates its own', async (t) => {
  const recreating = fromDeployment(deployment({ spec: { strategy: { type: 'Recreate' } } }))
  t.match(object(derive(recreating), 'Deployment')?.spec, { strategy: { type: 'Recreate' } })
})

t.test('a sandbox with a routing key of its own says so to its pods', async (t) => {
  const baseline = fromDeployment(deployment())
  if (baseline === undefined) throw new Error('no baseline')
  const keyed = sandbox({ routingKey: 'release', forks: [{ of: OF_CART }] })
  const { objects } = deriveFork(keyed, 0, { of: OF_CART }, baseline, surroundings())
  t.match(objects[0]?.spec, {
    template: {
      metadata: { annotations: { 'sidetrack.dev/key': 'release' } },
      spec: { containers: [{ env: [IDENTITY[0], { name: 'SIDETRACK_ROUTING_KEY', value: 'release' }] }] },
    },
  })
})

t.test('marks of deployment tools are left behind, other labels and annotations come along', async (t) => {
  const marked = deployment({
    labels: {
      team: 'pay',
      'app.kubernetes.io/instance': 'shop',
      'app.kubernetes.io/managed-by': 'Helm',
      'helm.sh/chart': 'shop-1',
      'kustomize.toolkit.fluxcd.io/name': 'apps',
    },
    annotations: {
      owner: 'ann',
      'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/cart',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'deployment.kubernetes.io/revision': '7',
      'meta.helm.sh/release-name': 'shop',
    },
    podAnnotations: {
      'sidetrack.dev/inject': 'true',
      'sidetrack.dev/inbound': 'true',
      checksum: 'abc',
      'argocd.argoproj.io/x': 'y',
    },
    podLabels: {
      ...CART_LABELS,
      'helm.sh/chart': 'shop-1',
      'app.kubernetes.io/managed-by': 'Helm',
      'kapp.k14s.io/app': '1',
    },
  })
  const fork = object(derive(fromDeployment(marked)), 'Deployment')
  t.strictSame(fork?.metadata.labels, { team: 'pay', 'app.kubernetes.io/managed-by': 'sidetrack', ...SELECTOR })
  t.strictSame(fork?.metadata.annotations, { owner: 'ann' })
  t.match(fork?.spec, {
    template: {
      metadata: {
        labels: {
          tier: 'back',
          'helm.sh/chart': 'shop-1',
          'app.kubernetes.io/managed-by': 'Helm',
          'kapp.k14s.io/app': undefined,
        },
        annotations: {
          'sidetrack.dev/inject': 'true',
          'sidetrack.dev/inbound': undefined,
          checksum: 'abc',
          'argocd.argoproj.io/x': undefined,
        },
      },
    },
  })
})

t.test(
  'every Service that leads to the baseline gets its counterpart, with the same ports, and no other does',
  async (t) => {
    const derived = derive(
      fromDeployment(deployment()),
      {},
      {
        services: [
          service('cart', {
            clusterIP: 'None',
            publishNotReadyAddresses: true,
            ports: [
              { name: 'grpc', port: 9000, appProtocol: 'grpc' },
              { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
            ],
          }),
          service('back', {
            selector: { tier: 'back' },
            ipFamilies: ['IPv6', 'IPv4'],
            ipFamilyPolicy: 'PreferDualStack',
          }),
          service('stable', { selector: { app: 'cart', 'rollouts-pod-template-hash': 'abc' } }),
          service('web'),
          service('external', { type: 'ExternalName', selector: { app: 'cart' } }),
          service('all', { selector: {} }),
          service('cart--pr-7', { selector: { app: 'cart' } }, { 'sidetrack.dev/sandbox': 'pr-7' }),
        ],
      },
    )
    t.strictSame(
      derived.services.map((each) => [each.service.metadata.name, each.fork]),
      [
        ['cart', 'cart--pr-42'],
        ['back', 'back--pr-42'],
        ['stable', 'stable--pr-42'],
      ],
    )
    const [first, second] = derived.objects.filter(({ kind }) => kind === 'Service').map(({ spec }) => spec)
    t.match(first, {
      ports: [
        { name: 'grpc', protocol: 'TCP', appProtocol: 'grpc', port: 9000, targetPort: 9000 },
        { name: 'dns', protocol: 'UDP', port: 53, targetPort: 5353 },
      ],
    })
    t.notOk(first !== undefined && 'publishNotReadyAddresses' in first)
    t.match(second, { clusterIP: 'None', ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'PreferDualStack' })
    t.match(derived.objects[0]?.spec, {
      template: { metadata: { labels: { app: 'cart--pr-42', tier: 'cart--pr-42' } } },
    })
  },
)

t.test('a patch cannot bring the fork back under a selector of the baseline', async (t) => {
  const patch = { metadata: { labels: { app: 'cart', extra: 'web' } } }
  const around = { services: [service('cart'), service('web', { selector: { extra: 'web' } })] }
  t.match(derive(fromDeployment(deployment()), { patch }, around).objects[0]?.spec, {
    template: { metadata: { labels: { app: 'cart--pr-42', extra: 'cart--pr-42' } } },
  })
})

t.test('a PodDisruptionBudget of everything is told of', async (t) => {
  const derived = derive(
    fromDeployment(deployment()),
    {},
    { selectors: [{ of: 'PodDisruptionBudget all', selector: {} }] },
  )
  t.strictSame(messages(derived), ["PodDisruptionBudget all selects the fork's pods too, whatever labels they have."])
})

t.test('resources and everything else of the template change by patch', async (t) => {
  const patch = {
    spec: {
      containers: [{ name: 'cart', resources: { limits: { memory: '1Gi' } } }],
      terminationGracePeriodSeconds: 5,
    },
  }
  t.match(derive(fromDeployment(deployment()), { patch }).objects[0]?.spec, {
    template: {
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [{ image: CART.image, resources: { limits: { memory: '1Gi' } } }],
      },
    },
  })
})

const REFUSED: readonly [string, Partial<Fork>, string][] = [
  [
    'an image for a container that is not there',
    { images: [{ container: 'x', image: 'i' }] },
    'spec.forks[0].images[0].container: there is no container x; there are cart',
  ],
  [
    'a patch that contradicts itself',
    { patch: { spec: { containers: [{ image: 'x' }] } } },
    'spec.forks[0].patch: spec.containers: an item has no name',
  ],
  [
    'a patch that leaves no containers',
    { patch: { spec: { containers: [{ $patch: 'replace' }] } } },
    'spec.forks[0].patch: it leaves no pod template: spec.containers is to be a list of containers with names',
  ],
  [
    'a patch that puts text where a list belongs',
    { patch: { spec: { containers: [{ name: 'cart', args: '--x' }] } } },
    'spec.forks[0].patch: it leaves no pod template: spec.containers is to be a list of containers with names',
  ],
  [
    'the network of the node',
    { patch: { spec: { hostNetwork: true } } },
    "spec.forks[0].of: it uses its node's network (hostNetwork); a route may lead to pods only. Patch hostNetwork to false.",
  ],
]

for (const [name, fork, message] of REFUSED) {
  t.test(`not made, and told why: ${name}`, async (t) => {
    const derived = derive(fromDeployment(deployment()), fork)
    t.strictSame(derived.problems, [{ reason: 'Invalid', message }])
    t.strictSame(derived.objects, [])
  })
}

t.test(
  'the fork of a StatefulSet has volumes of its own that go with it, and a governing Service of its own',
  async (t) => {
    const claims = [
      {
        metadata: { name: 'data', labels: { x: 'y' } },
        spec: { accessModes: ['ReadWriteOnce'] },
        status: { phase: 'Pending' },
      },
    ]
    const baseline = fromStatefulSet(
      statefulSet({
        volumeClaimTemplates: claims,
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'OnDelete' },
      }),
    )
    const derived = derive(
      baseline,
      {},
      {
        services: [
          service('store', { clusterIP: 'None' }),
          service('store-0', { selector: { app: 'store', 'statefulset.kubernetes.io/pod-name': 'store-0' } }),
        ],
      },
    )
    t.match(object(derived, 'StatefulSet'), {
      metadata: { name: 'store--pr-42' },
      spec: {
        serviceName: 'store--pr-42',
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate' },
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'] },
          },
        ],
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
      },
    })
    t.strictSame(messages(derived), [
      'Service store-0 leads to one pod of the baseline and is not routed to the fork.',
      'The fork starts with empty volumes of its own: data.',
    ])
  },
)

t.test('a Rollout is forked as a Deployment, its template taken from where it refers to', async (t) => {
  const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'cart', namespace: 'shop' } }
  const { template, selector } = deployment().spec ?? {}
  const plain = fromRollout(
    {
      ...rollout,
      spec: { ...(template === undefined ? {} : { template }), ...(selector === undefined ? {} : { selector }) },
    },
    undefined,
  )
  const referring = fromRollout(
    { ...rollout, spec: { workloadRef: { kind: 'Deployment', name: 'cart' } } },
    deployment(),
  )
  t.strictSame(derive(plain).objects, derive(referring).objects)
  t.match(derive(plain).objects[0], { kind: 'Deployment', metadata: { name: 'cart--pr-42' } })
  t.equal(
    fromRollout({ ...rollout, spec: { workloadRef: { kind: 'Deployment', name: 'gone' } } }, undefined),
    undefined,
  )
})

t.test('what server-side apply would refuse is made unique, as the kubelet reads it', async (t) => {
  const baseline = fromDeployment(
    deployment({
      pod: {
        containers: [
          {
            name: 'cart',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
              { name: 'A', value: '3' },
            ],
            ports: [
              { containerPort: 80 },
              { containerPort: 80, name: 'http' },
              { containerPort: 80, name: 'web' },
              { containerPort: 80, protocol: 'UDP' },
            ],
          },
        ],
        hostAliases: [
          { ip: '1.1.1.1', hostnames: ['a'] },
          { ip: '1.1.1.1', hostnames: ['a', 'b'] },
        ],
      },
    }),
  )
  const derived = derive(baseline)
  t.match(derived.objects[0]?.spec, {
    template: {
      spec: {
        containers: [
          {
            env: [...IDENTITY, { name: 'A', value: '3' }, { name: 'B', value: '2' }],
            ports: [
              { containerPort: 80, name: 'http' },
              { containerPort: 80, protocol: 'UDP' },
            ],
          },
        ],
        hostAliases: [{ ip: '1.1.1.1', hostnames: ['a', 'b'] }],
      },
    },
  })
  t.strictSame(reasons(derived), ['PortDeclaredTwice'])
})

const TOLD: readonly [string, Baseline | undefined, Partial<Surroundings>, readonly string[]][] = [
  ['no Service', fromDeployment(deployment()), { services: [] }, ['NoService']],
  ['not opted in', fromDeployment(deployment({ podAnnotations: {} })), {}, ['NotOptedIn']],
  [
    'a HorizontalPodAutoscaler',
    fromDeployment(deployment()),
    { scalers: new Map([['Deployment/cart', 'cart']]) },
    ['NotScaled'],
  ],
  [
    'a port of the node',
    fromDeployment(
      deployment({ pod: { containers: [{ name: 'cart', ports: [{ containerPort: 80, hostPort: 80 }] }] } }),
    ),
    {},
    ['HostPortDropped'],
  ],
]

for (const [name, baseline, around, expected] of TOLD) {
  t.test(`told of: ${name}`, async (t) => {
    t.strictSame(reasons(derive(baseline, {}, around)), expected)
  })
}
