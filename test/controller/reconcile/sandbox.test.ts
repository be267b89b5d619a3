import t from 'tap'
import { DEPLOYMENTS, SERVICES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, ROUTING_TABLES, SANDBOXES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
const at = (name: string) => ({ namespace: NAMESPACE, name })

t.test('a sandbox', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client } = cluster
  await cluster.namespace(NAMESPACE)
  await cluster.workload(NAMESPACE, 'cart')
  await lead(t, cluster)
  const condition = (name: string, type: string, want: Parameters<PaperCluster['condition']>[3]) =>
    cluster.condition(NAMESPACE, name, type, want)

  await t.test('becomes a fork with a Service, a table and a route, and is ready when its pod is', async (t) => {
    await cluster.sandbox(NAMESPACE, 'pr-1')
    const fork = await cluster.made(DEPLOYMENTS, NAMESPACE, 'cart--pr-1')
    t.match(fork.spec?.template?.spec?.containers, [{ name: 'cart', image: 'cart:pr' }])
    await cluster.made(SERVICES, NAMESPACE, 'cart--pr-1')
    t.match((await cluster.made(ROUTING_TABLES, NAMESPACE, 'cart')).spec, { service: 'cart', ports: [{ port: 80 }] })
    await condition('pr-1', 'ForksAvailable', { status: 'False', reason: 'Starting' })
    t.match((await cluster.made(ROUTES, NAMESPACE, 'cart.80.sandbox.pr-1')).spec, { ready: false, key: 'pr-1' })
    await cluster.run(NAMESPACE, 'cart--pr-1')
    await condition('pr-1', 'Ready', { status: 'True' })
    t.match((await client.get(ROUTES, at('cart.80.sandbox.pr-1'))).spec, { addresses: [/^10\.1\..*:8080$/] })
    const { status } = await client.get(SANDBOXES, at('pr-1'))
    t.match(status, { routingKey: 'pr-1', services: [{ name: 'cart', fork: 'cart--pr-1', ready: true }] })
  })

  await t.test('is not ready before every node has its routes in force, and says who has not', async (t) => {
    await cluster.report('node-a', { routes: '1' })
    await cluster.sandbox(NAMESPACE, 'pr-2')
    await cluster.run(NAMESPACE, 'cart--pr-2')
    const waiting = await condition('pr-2', 'RoutesProgrammed', { status: 'False', reason: 'Waiting' })
    t.match(waiting.message, /waiting for node-a/)
    await cluster.report('node-a')
    await condition('pr-2', 'Ready', { status: 'True' })
  })

  await t.test('takes with it all that was made for it', async (t) => {
    await client.delete(SANDBOXES, at('pr-2'))
    await cluster.gone(ROUTES, NAMESPACE, 'cart.80.sandbox.pr-2')
    await cluster.gone(DEPLOYMENTS, NAMESPACE, 'cart--pr-2')
    await cluster.gone(SERVICES, NAMESPACE, 'cart--pr-2')
    t.match(await client.get(DEPLOYMENTS, at('cart')), { kind: 'Deployment' }, 'and nothing of the baseline')
  })

  await t.test('follows its baseline', async () => {
    await cluster.workload(NAMESPACE, 'cart', {
      template: {
        metadata: { labels: { app: 'cart' }, annotations: { 'sidetrack.dev/inject': 'true' } },
        spec: { containers: [{ name: 'cart', image: 'cart:2', env: [{ name: 'NEW', value: '1' }] }] },
      },
    })
    await until(async () => {
      const { spec } = await client.get(DEPLOYMENTS, at('cart--pr-1'))
      const [container] = spec?.template?.spec?.containers ?? []
      return container?.image === 'cart:pr' && container.env?.some(({ name }) => name === 'NEW') === true
    })
    await condition('pr-1', 'Ready', { status: 'False', reason: 'Updating' })
    await cluster.endPods(NAMESPACE, 'cart--pr-1')
    await cluster.run(NAMESPACE, 'cart--pr-1')
    await condition('pr-1', 'Ready', { status: 'True' })
  })

  await t.test('mends what somebody changed in its fork', async () => {
    await client.patch(DEPLOYMENTS, at('cart--pr-1'), { spec: { replicas: 3 } })
    await until(async () => (await client.get(DEPLOYMENTS, at('cart--pr-1'))).spec?.replicas === 1)
    await cluster.settle(NAMESPACE, 'cart--pr-1')
    await condition('pr-1', 'Ready', { status: 'True' })
  })

  await t.test('loses its fork and its routes when its baseline goes, says so, and comes back with it', async (t) => {
    await client.delete(DEPLOYMENTS, at('cart'))
    const gone = await condition('pr-1', 'Ready', { status: 'False', reason: 'BaselineMissing' })
    t.match(gone.message, /spec\.forks\[0\]\.of: there is no Deployment cart/)
    await cluster.gone(ROUTES, NAMESPACE, 'cart.80.sandbox.pr-1')
    await cluster.gone(DEPLOYMENTS, NAMESPACE, 'cart--pr-1')
    await cluster.endPods(NAMESPACE, 'cart--pr-1')
    await cluster.workload(NAMESPACE, 'cart')
    await cluster.run(NAMESPACE, 'cart--pr-1')
    await condition('pr-1', 'Ready', { status: 'True' })
  })

  await t.test(
    'that forks what an older one forks under the same key says so, and gets it when that one goes',
    async (t) => {
      await cluster.sandbox(NAMESPACE, 'younger', { routingKey: 'pr-1' })
      await cluster.run(NAMESPACE, 'cart--younger')
      const taken = await condition('younger', 'Conflict', { status: 'True', reason: 'KeyTaken' })
      t.match(taken.message, /Sandbox pr-1 is older and has Service cart/)
      await condition('pr-1', 'Ready', { status: 'True' })
      t.equal(await client.find(ROUTES, at('cart.80.sandbox.younger')), undefined)
      await client.delete(SANDBOXES, at('pr-1'))
      await condition('younger', 'Ready', { status: 'True' })
      await cluster.made(ROUTES, NAMESPACE, 'cart.80.sandbox.younger')
    },
  )

  await t.test('in a namespace that allows none any more loses what it has', async () => {
    await cluster.namespace(NAMESPACE, false)
    await condition('younger', 'Ready', { status: 'False', reason: 'NamespaceNotEnabled' })
    await cluster.gone(DEPLOYMENTS, NAMESPACE, 'cart--younger')
    await cluster.gone(ROUTES, NAMESPACE, 'cart.80.sandbox.younger')
    await cluster.gone(ROUTING_TABLES, NAMESPACE, 'cart')
  })
})
