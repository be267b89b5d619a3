import t from 'tap'
import { type GroupMember, type GroupState, groupRoutes, groupStatus } from '../../../controller/routing/group.ts'
import type { ForkedEndpoints } from '../../../controller/routing/routes.ts'
import type { RouteGroup } from '../../../kubernetes/resources/route-group.ts'
import { endpoint, slice } from '../../fixtures/endpoint-slices.ts'
import { service } from '../../fixtures/shop-objects.ts'

const GROUP: RouteGroup = {
  apiVersion: 'sidetrack.dev/v1alpha1',
  kind: 'RouteGroup',
  metadata: { name: 'release-7', namespace: 'shop', uid: 'uid-group', generation: 3 },
  spec: { sandboxes: ['pr-42', 'pr-57'] },
}
const NOW = '2026-01-01T10:00:00Z'
const IN_FORCE = { programmed: true, reason: 'InForce', message: 'In force on every node.' }

const forked = (sandbox: string, name: string, ip?: string): ForkedEndpoints => ({
  sandbox,
  service: service(name),
  slices: ip === undefined ? [] : [slice([endpoint(ip)])],
  reason: ip === undefined ? 'starting' : '',
  unready: 'fail',
})
const MEMBERS: readonly GroupMember[] = [
  { name: 'pr-42', endpoints: [forked('pr-42', 'cart', '10.0.0.1')] },
  { name: 'pr-57', endpoints: [forked('pr-57', 'cart', '10.0.0.2'), forked('pr-57', 'web')] },
]

t.test('the first member that forks a Service has it, under the key of the group', async (t) => {
  const { routes, services } = groupRoutes(GROUP, MEMBERS, [])
  t.strictSame(services, ['cart', 'web'])
  t.match(routes, [
    {
      metadata: {
        name: 'cart.80.routegroup.release-7',
        ownerReferences: [{ kind: 'RouteGroup', name: 'release-7', uid: 'uid-group' }],
      },
      spec: { table: 'cart', key: 'release-7', sandbox: 'pr-42', addresses: ['10.0.0.1:8080'] },
    },
    { spec: { table: 'web', key: 'release-7', sandbox: 'pr-57', ready: false, reason: 'starting' } },
  ])
})

t.test('the other order: the other sandbox', async (t) => {
  t.match(
    groupRoutes(GROUP, MEMBERS.toReversed(), []).routes.find(({ spec }) => 'table' in spec && spec.table === 'cart')
      ?.spec,
    { sandbox: 'pr-57' },
  )
})

t.test('a Service that somebody older has under the key is left to them', async (t) => {
  t.strictSame(groupRoutes(GROUP, MEMBERS, [{ service: 'cart', to: { kind: 'Sandbox', name: 'old' } }]).services, [
    'web',
  ])
})

const state = (change: Partial<GroupState>): GroupState => ({
  members: MEMBERS.slice(0, 1),
  routes: [],
  lost: [],
  programmed: IN_FORCE,
  ...change,
})
const WAITING = groupRoutes(GROUP, MEMBERS, []).routes

const STATES: readonly [string, Partial<GroupState>, string][] = [
  ['all in force', {}, 'True/InForce'],
  ['a sandbox that is not there', { members: [{ name: 'gone', endpoints: undefined }] }, 'False/SandboxMissing'],
  ['nobody matches', { members: [] }, 'False/NoSandboxes'],
  ['the key is taken', { lost: [{ service: 'cart', to: { kind: 'Sandbox', name: 'old' } }] }, 'False/KeyTaken'],
  ['a fork that is not ready', { routes: WAITING }, 'False/WaitingForForks'],
  ['a node behind', { programmed: { programmed: false, reason: 'Waiting', message: '' } }, 'False/Waiting'],
]

for (const [name, change, expected] of STATES) {
  t.test(`${name}: Ready is ${expected}`, async (t) => {
    const { conditions, routingKey } = groupStatus(GROUP, state(change), NOW)
    t.equal(routingKey, 'release-7')
    t.strictSame(
      conditions?.map(({ type, status, reason }) => `${type} ${status}/${reason}`),
      [`Ready ${expected}`],
    )
  })
}
