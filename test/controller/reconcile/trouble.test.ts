import t from 'tap'
import { EVENTS, PODS, type Pod } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, SANDBOXES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
type PodStatus = NonNullable<Pod['status']>
type ContainerState = NonNullable<NonNullable<PodStatus['containerStatuses']>[number]['state']>

const waiting = (reason: string, message: string): PodStatus => container({ waiting: { reason, message } })

function container(state: ContainerState, lastState: ContainerState = {}): PodStatus {
  const status = { name: 'cart', image: 'cart:pr', imageID: '', ready: false, restartCount: 3, state, lastState }
  return { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [status] }
}

const TROUBLES: readonly [string, PodStatus, string, RegExp][] = [
  [
    'an image that cannot be pulled',
    waiting('ErrImagePull', 'rpc error: code = NotFound desc = cart:pr: not found'),
    'ImageNotPulled',
    /^cart: image cart:pr of container cart cannot be pulled: cart:pr: not found$/,
  ],
  [
    'a container that ends again and again',
    container(
      { waiting: { reason: 'CrashLoopBackOff' } },
      { terminated: { exitCode: 3, message: 'no database\n', reason: 'Error' } },
    ),
    'Crashing',
    /^cart: container cart ended with exit code 3: no database$/,
  ],
  [
    'a pod that fits on no node',
    {
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/2 nodes are available: 2 Insufficient cpu.',
        },
      ],
    },
    'Unschedulable',
    /^cart: it cannot be scheduled: 0\/2 nodes are available: 2 Insufficient cpu\.$/,
  ],
]

t.test('a fork in trouble', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client } = cluster
  await cluster.namespace(NAMESPACE)
  await cluster.workload(NAMESPACE, 'cart')
  const replica = await lead(t, cluster)

  for (const [index, [what, status, reason, message]] of TROUBLES.entries()) {
    await t.test(`says why, in the condition, the route and an event: ${what}`, async (t) => {
      const name = `pr-${index}`
      await cluster.sandbox(NAMESPACE, name)
      await cluster.run(NAMESPACE, `cart--${name}`, { status })
      const start = performance.now()
      const condition = await cluster.condition(NAMESPACE, name, 'Ready', { status: 'False', reason })
      t.ok(performance.now() - start < 5000, 'within 5 s')
      t.match(condition.message, message)
      const { spec } = await client.get(ROUTES, { namespace: NAMESPACE, name: `cart.80.sandbox.${name}` })
      t.match(spec, { ready: false, reason: message })
      await until(async () => {
        const { items } = await client.list(EVENTS, { namespace: NAMESPACE })
        return items.some((event) => event.regarding?.name === name && event.reason === reason)
      })
      const { status: known } = await client.get(SANDBOXES, { namespace: NAMESPACE, name })
      t.match(known?.services, [{ name: 'cart', ready: false, reason: message }])
    })
  }

  await t.test('is ready once its trouble is over', async () => {
    for (const { metadata } of (await client.list(PODS, { namespace: NAMESPACE })).items)
      await client.delete(PODS, metadata, { gracePeriodSeconds: 0 })
    await cluster.run(NAMESPACE, 'cart--pr-0')
    await cluster.condition(NAMESPACE, 'pr-0', 'Ready', { status: 'True' })
  })

  await t.test('is explained by an event that names its pod where its status does not', async (t) => {
    await cluster.sandbox(NAMESPACE, 'mount')
    const pod = await cluster.run(NAMESPACE, 'cart--mount', { status: { phase: 'Pending' } })
    const regarding = { kind: 'Pod', namespace: NAMESPACE, name: pod.metadata.name, uid: pod.metadata.uid }
    await client.create(EVENTS, {
      metadata: { namespace: NAMESPACE, name: 'mount.1' },
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'kubelet',
      reportingInstance: 'node-a',
      action: 'Mounting',
      regarding,
      type: 'Warning',
      reason: 'FailedMount',
      note: 'secret "cart" not found',
    })
    const condition = await cluster.condition(NAMESPACE, 'mount', 'Ready', { reason: 'ContainerNotStarted' })
    t.match(condition.message, /^cart: its containers cannot be created: secret "cart" not found$/)
  })

  await t.test('is of no concern to others', async () => {
    await cluster.sandbox(NAMESPACE, 'fine')
    await cluster.run(NAMESPACE, 'cart--fine')
    await cluster.condition(NAMESPACE, 'fine', 'Ready', { status: 'True' })
  })

  t.notMatch(replica.log.join(''), /not reconciled/)
})
