import { join } from 'node:path'
import t from 'tap'
import { Client } from '../../kubernetes/client.ts'
import { NODE_REPORTS } from '../../kubernetes/resources/sidetrack.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { until } from '../fixtures/until.ts'

const MANIFESTS = join(import.meta.dirname, '../../manifests')
const SYSTEM = 'sidetrack-system'
const CONTROLLER = `system:serviceaccount:${SYSTEM}:sidetrack-controller`

const namespace = (name: string, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})
const sandbox = (space: string, name: string, ...kinds: readonly string[]) => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Sandbox',
  metadata: { namespace: space, name },
  spec: { forks: kinds.map((kind, index) => ({ of: { kind, name: `cart-${index}` } })) },
})
const report = (name: string) => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'NodeReport',
  metadata: { name },
})
const workload = (kind: string, space: string, name: string, labels: object = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { namespace: space, name, labels },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'app' }] } },
  },
})
const service = (space: string, name: string, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: space, name, labels },
  spec: { ports: [{ port: 80 }] },
})
const owner = (kind: string) => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind,
  name: 'pr-42',
  uid: `uid-of-${kind}`,
})
const ownedRoute = (name: string, ...owners: readonly object[]) => ({
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'Route',
  metadata: { namespace: 'shop', name, ownerReferences: owners },
  spec: { table: 'cart', key: 'pr-42', addresses: ['10.88.1.7:8080'] },
})
const OF_SANDBOX = { 'sidetrack.dev/sandbox': 'pr-42' }
/** What a person may do in a namespace: `{sandboxes: 'sidetrack.dev'}`. */
const role = (space: string, user: string, resources: Readonly<Record<string, string>>) => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { namespace: space, name: user },
    rules: Object.entries(resources).map(([resource, group]) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: ['*'],
    })),
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace: space, name: user },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  },
]

t.test('the policies', { skip: noApiServer() }, async (t) => {
  const { kubectl, url } = await startApiServer(t)
  await kubectl.run(['apply', '-k', MANIFESTS])
  await kubectl.apply(
    namespace('shop', { 'sidetrack.dev/sandboxes': 'enabled' }),
    namespace('closed', { 'sidetrack.dev/sandboxes': 'no' }),
    ...role('shop', 'tester', { sandboxes: 'sidetrack.dev' }),
    ...role('shop', 'developer', { sandboxes: 'sidetrack.dev', deployments: 'apps' }),
    ...role('closed', 'developer', { sandboxes: 'sidetrack.dev', deployments: 'apps' }),
    workload('Deployment', 'shop', 'cart'),
    service('shop', 'cart'),
  )
  const write = (verb: string, object: object, ...options: readonly string[]) =>
    kubectl.run([verb, '-f', '-', ...options], JSON.stringify(object))
  const create = (object: object, ...options: readonly string[]) => write('create', object, ...options)
  const patch = (words: string, change: object, ...options: readonly string[]) =>
    kubectl.run(['patch', ...words.split(' '), '--type=merge', `--patch=${JSON.stringify(change)}`, ...options])
  // Policies come into force a moment after they are made.
  await until(() =>
    create(sandbox('closed', 'x', 'Deployment'), '--dry-run=server').then(
      () => false,
      () => true,
    ),
  )

  await t.test('an agent writes the report of its own node, and of no other', async (t) => {
    for (const name of ['node1', 'node2']) await create({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
    await create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: SYSTEM, name: 'agent-1' },
      spec: { serviceAccountName: 'sidetrack-agent', nodeName: 'node1', containers: [{ name: 'a', image: 'a' }] },
    })
    const client = async (...bound: readonly string[]) => {
      const token = await kubectl.run(['-n', SYSTEM, 'create', 'token', 'sidetrack-agent', ...bound])
      const headers = { authorization: `Bearer ${token.trim()}` }
      const shown = { headers, tls: { rejectUnauthorized: false } }
      const credentials = { server: url, namespace: SYSTEM, current: async () => shown, renew: async () => false }
      const made = new Client(credentials, 'sidetrack-agent')
      t.teardown(() => made.close())
      return made
    }
    const status = { routes: '1', tables: '1', sidecars: 0, bypassing: [], observedAt: '2026-01-31T09:30:00Z' }
    const set = (as: Client, name: string) => as.applyStatus(NODE_REPORTS, { metadata: { name }, status })

    const mine = await client('--bound-object-kind=Pod', '--bound-object-name=agent-1')
    await mine.create(NODE_REPORTS, { metadata: { name: 'node1' } })
    await set(mine, 'node1')
    const refusal = /the agent of node "node1" may not write the report of node "node2"/
    await t.rejects(mine.create(NODE_REPORTS, { metadata: { name: 'node2' } }), refusal)
    await create(report('node2'))
    await t.rejects(set(mine, 'node2'), refusal)
    await t.rejects(set(await client(), 'node1'), /the agent of node "" may not write/, 'a token from elsewhere')
  })

  await t.test('who may fork a workload may create a Sandbox', async (t) => {
    await create(sandbox('shop', 'pr-42', 'Deployment'), '--as=developer')
    t.pass()
  })

  await t.test('who may not create a workload gets no fork of one, and hears which right is missing', async (t) => {
    const cases: readonly [string, string, RegExp][] = [
      [
        'tester',
        'Deployment',
        /tester may not create this Sandbox.*may not create deployments\.apps in namespace shop/,
      ],
      ['developer', 'StatefulSet', /may not create statefulsets\.apps in namespace shop/],
      ['developer', 'Rollout', /may not create rollouts\.argoproj\.io in namespace shop/],
    ]
    for (const [user, kind, reason] of cases) {
      await t.rejects(create(sandbox('shop', 'x', kind), `--as=${user}`), reason)
      await t.rejects(create(sandbox('shop', 'x', 'Deployment', kind), `--as=${user}`), reason, 'among others')
    }
    const change = { spec: { forks: [{ of: { kind: 'StatefulSet', name: 'cart' } }] } }
    await t.rejects(patch('-n shop sandbox pr-42', change, '--as=developer'), /statefulsets\.apps/, 'nor later')
    await t.rejects(
      patch('-n shop sandbox pr-42', { spec: { unready: 'baseline' } }, '--as=tester'),
      /deployments\.apps/,
    )
  })

  await t.test('who changes nothing about its forks needs no right to them', async (t) => {
    await patch('-n shop sandbox pr-42', { metadata: { labels: { team: 'pay' } } }, '--as=tester')
    await patch('-n shop sandbox pr-42', { metadata: { finalizers: ['example.com/x'] } }, '--as=tester')
    await patch('-n shop sandbox pr-42', { metadata: { finalizers: null } }, '--as=tester')
    t.pass()
  })

  await t.test('a namespace that does not allow sandboxes gets none, and says how to allow them', async (t) => {
    const hint = /kubectl label namespace closed sidetrack\.dev\/sandboxes=enabled/
    await t.rejects(create(sandbox('closed', 'x', 'Deployment'), '--as=developer'), hint)
    await t.rejects(create(sandbox('default', 'x', 'Deployment')), /namespace default does not allow sandboxes/)
  })

  await t.test('the controller makes forks where sandboxes are allowed, and takes them away anywhere', async (t) => {
    const me = `--as=${CONTROLLER}`
    for (const object of [
      workload('Deployment', 'shop', 'cart--pr-42', OF_SANDBOX),
      workload('StatefulSet', 'shop', 'db--pr-42', { ...OF_SANDBOX }),
      service('shop', 'cart--pr-42', OF_SANDBOX),
    ])
      await create(object, me)
    const closed = /namespace closed does not allow sandboxes/
    await t.rejects(create(workload('Deployment', 'closed', 'x', OF_SANDBOX), me), closed)
    await t.rejects(create(service('closed', 'x', OF_SANDBOX), me), closed)
    await patch('-n shop deployment cart--pr-42', { spec: { replicas: 2 } }, me)
    await kubectl.run(['label', 'namespace', 'shop', 'sidetrack.dev/sandboxes-'])
    await kubectl.run(['-n', 'shop', 'delete', 'deployment/cart--pr-42', 'service/cart--pr-42', '--wait=false', me])
    await kubectl.run(['label', 'namespace', 'shop', 'sidetrack.dev/sandboxes=enabled'])
  })

  await t.test('nobody but the controller writes a Route that a Sandbox or a RouteGroup owns', async (t) => {
    const elsewhere = { spec: { addresses: ['10.88.2.9:8080'] } }
    const refusal = /Route shop\/\S+ has a Sandbox or RouteGroup as its owner/
    for (const kind of ['Sandbox', 'RouteGroup']) await t.rejects(create(ownedRoute('forged', owner(kind))), refusal)
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }
    await create(ownedRoute('by-hand', configMap))
    await patch('-n shop route by-hand', elsewhere)
    const adopt = { metadata: { ownerReferences: [configMap, owner('Sandbox')] } }
    await t.rejects(patch('-n shop route by-hand', adopt), refusal, 'nor later')

    await create(ownedRoute('owned', owner('Sandbox')), `--as=${CONTROLLER}`)
    await patch('-n shop route owned', elsewhere, `--as=${CONTROLLER}`)
    await t.rejects(patch('-n shop route owned', { spec: { addresses: ['10.88.2.8:8080'] } }), refusal)
    await patch('-n shop route owned', { metadata: { labels: { team: 'pay' } } })
    const unblocked = [{ ...owner('Sandbox'), blockOwnerDeletion: false }]
    await patch('-n shop route owned', { metadata: { ownerReferences: unblocked } })
    await patch('-n shop route owned', { metadata: { ownerReferences: null } })
    await patch('-n shop route owned', elsewhere)
  })

  await t.test('the controller touches no baseline', async (t) => {
    const me = `--as=${CONTROLLER}`
    await t.rejects(create(workload('Deployment', 'shop', 'x'), me), /deployments shop\/x, which belongs to no sandbox/)
    const scale = patch('-n shop deployment cart', { spec: { replicas: 0 } }, me)
    await t.rejects(scale, /deployments shop\/cart, which belongs to no sandbox/)
    const adopt = patch('-n shop deployment cart', { metadata: { labels: OF_SANDBOX } }, me)
    await t.rejects(adopt, /belongs to no sandbox/, 'nor by its own label')
    await t.rejects(kubectl.run(['-n', 'shop', 'delete', 'deployment', 'cart', me]), /belongs to no sandbox/)
    await t.rejects(kubectl.run(['-n', 'shop', 'delete', 'service', 'cart', me]), /belongs to no sandbox/)
  })
})
