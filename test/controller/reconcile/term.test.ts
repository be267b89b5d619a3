import t from 'tap'
import { DEPLOYMENTS, LEASES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, SANDBOXES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { startReplica } from '../../fixtures/paper-cluster/replica-process.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
const at = (name: string) => ({ namespace: NAMESPACE, name })

t.test('the controller', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client, server } = cluster
  await cluster.namespace(NAMESPACE)
  await cluster.workload(NAMESPACE, 'cart')
  const ready = (name: string) => cluster.condition(NAMESPACE, name, 'Ready', { status: 'True' })
  const holder = async () =>
    (await client.get(LEASES, { namespace: 'sidetrack-system', name: 'sidetrack-controller' })).spec?.holderIdentity
  const versions = async () => {
    const [sandboxes, routes, forks] = await Promise.all([
      client.list(SANDBOXES, { namespace: NAMESPACE }),
      client.list(ROUTES, { namespace: NAMESPACE }),
      client.list(DEPLOYMENTS, { namespace: NAMESPACE }),
    ])
    const all = [...sandboxes.items, ...routes.items, ...forks.items]
    return all.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`)
  }

  await t.test(
    'of two replicas one acts; when it is killed in the middle of its work the other one goes on',
    async (t) => {
      const replicas = [await startReplica(t, cluster, 'a'), await startReplica(t, cluster, 'b')]
      await cluster.sandbox(NAMESPACE, 'pr-1')
      await cluster.run(NAMESPACE, 'cart--pr-1')
      await ready('pr-1')
      const leader = await holder()
      const names = Array.from({ length: 20 }, (_, index) => `many-${index}`)
      await Promise.all(names.map((name) => cluster.sandbox(NAMESPACE, name)))
      await until(async () => (await client.list(DEPLOYMENTS, { namespace: NAMESPACE })).items.length > 5)
      replicas.find(({ name }) => name === leader)?.process.kill('SIGKILL')
      for (const name of names) await cluster.run(NAMESPACE, `cart--${name}`, { limit: 60_000 })
      for (const name of names) await ready(name)
      t.not(await holder(), leader)
      for (const name of names) await client.delete(SANDBOXES, at(name))
      for (const name of names) await cluster.gone(DEPLOYMENTS, NAMESPACE, `cart--${name}`)
      await ready('pr-1')
      const second = replicas.find(({ name }) => name !== leader)
      second?.process.kill('SIGTERM')
      await second?.ended
    },
  )

  await t.test('that takes over writes nothing where nothing has changed', async (t) => {
    const before = await versions()
    const replica = await lead(t, cluster)
    await until(() => replica.log.some((line) => line.includes('"reconciling"')))
    await cluster.sandbox(NAMESPACE, 'last')
    await cluster.run(NAMESPACE, 'cart--last')
    await ready('last')
    await replica.idle()
    await client.delete(SANDBOXES, at('last'))
    await cluster.gone(DEPLOYMENTS, NAMESPACE, 'cart--last')
    await cluster.gone(ROUTES, NAMESPACE, 'cart.80.sandbox.last')
    t.strictSame(await versions(), before)
    await replica.end()
  })

  await t.test('takes away what is left of a sandbox that was deleted while nobody looked', async () => {
    await client.delete(SANDBOXES, at('pr-1'))
    const replica = await lead(t, cluster)
    await cluster.gone(ROUTES, NAMESPACE, 'cart.80.sandbox.pr-1')
    await cluster.gone(DEPLOYMENTS, NAMESPACE, 'cart--pr-1')
    await replica.end()
  })

  await t.test('goes on after the API server was away', async () => {
    const replica = await lead(t, cluster)
    await cluster.sandbox(NAMESPACE, 'before')
    await cluster.made(DEPLOYMENTS, NAMESPACE, 'cart--before')
    await server.stop('SIGKILL')
    await server.start()
    await cluster.run(NAMESPACE, 'cart--before')
    await cluster.sandbox(NAMESPACE, 'after')
    await cluster.run(NAMESPACE, 'cart--after')
    await ready('before')
    await ready('after')
    await replica.end()
  })

  await t.test('does not go on after its term', async (t) => {
    const replica = await lead(t, cluster)
    await until(() => replica.log.some((line) => line.includes('"reconciling"')))
    await replica.end()
    await cluster.sandbox(NAMESPACE, 'late')
    t.equal(await client.find(DEPLOYMENTS, at('cart--late')), undefined)
  })
})
