import t from 'tap'
import { DEPLOYMENTS, SERVICES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, ROUTING_TABLES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'

t.test('a sandbox', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  await cluster.namespace('shop')
  await cluster.workload('shop', 'cart')
  await lead(t, cluster)

  await t.test('becomes a fork with a Service, a table and a route, and is ready when its pod is', async (t) => {
    await cluster.sandbox('shop', 'pr-1')
    const fork = await cluster.made(DEPLOYMENTS, 'shop', 'cart--pr-1')
    t.match(fork.spec?.template?.spec?.containers, [{ name: 'cart', image: 'cart:pr' }])
    await cluster.made(SERVICES, 'shop', 'cart--pr-1')
    t.match((await cluster.made(ROUTING_TABLES, 'shop', 'cart')).spec, { service: 'cart', ports: [{ port: 80 }] })
    await cluster.condition('shop', 'pr-1', 'ForksAvailable', { status: 'False', reason: 'Starting' })
    t.match((await cluster.made(ROUTES, 'shop', 'cart.80.sandbox.pr-1')).spec, { ready: false, key: 'pr-1' })
    await cluster.run('shop', 'cart--pr-1')
    await cluster.condition('shop', 'pr-1', 'Ready', { status: 'True' })
    t.match((await cluster.made(ROUTES, 'shop', 'cart.80.sandbox.pr-1')).spec, { addresses: [/^10\.1\..*:8080$/] })
  })
})
