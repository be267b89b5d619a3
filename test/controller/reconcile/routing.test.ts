import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { DEPLOYMENTS, SERVICES } from '../../../kubernetes/resources/builtin.ts'
import { ROUTES, ROUTE_GROUPS, ROUTING_TABLES, SANDBOXES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
const at = (name: string) => ({ namespace: NAMESPACE, name })
const fork = (name: string) => ({ forks: [{ of: { kind: 'Deployment' as const, name } }] })
const running = (...ips: readonly string[]) => ({
  phase: 'Running' as const,
  ...(ips[0] === undefined ? {} : { podIP: ips[0] }),
  podIPs: ips.map((ip) => ({ ip })),
})

t.test('tables, groups and routes', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client } = cluster
  await cluster.namespace(NAMESPACE)
  await cluster.namespace('other', false)
  for (const name of ['cart', 'pay']) await cluster.workload(NAMESPACE, name)
  await cluster.workload('other', 'cart')
  await lead(t, cluster)
  const table = (name: string) => client.find(ROUTING_TABLES, at(name))
  const route = (name: string) => client.find(ROUTES, at(name))
  const ready = (name: string, status: 'True' | 'False' = 'True') =>
    cluster.condition(NAMESPACE, name, 'Ready', { status })

  const accepted = async (name: string, reason: string) => {
    await until(async () => (await route(name))?.status?.conditions?.[0]?.reason === reason)
    return (await route(name))?.status?.conditions?.[0]?.message
  }
  const write = (name: string, spec: { table?: string; sandbox?: string; addresses: readonly string[] }) =>
    client.create(ROUTES, { metadata: at(name), spec: { table: 'cart', key: name, ...spec } })

  await t.test('the Services of opted-in workloads have a table, where sandboxes are allowed', async (t) => {
    await cluster.made(ROUTING_TABLES, NAMESPACE, 'cart')
    await cluster.made(ROUTING_TABLES, NAMESPACE, 'pay')
    t.equal(await client.find(ROUTING_TABLES, { namespace: 'other', name: 'cart' }), undefined)
    await cluster.namespace('other')
    await cluster.made(ROUTING_TABLES, 'other', 'cart')
  })

  await t.test('a table follows its Service and its workloads, and goes with them', async (t) => {
    await client.patch(SERVICES, at('pay'), { spec: { ports: [{ name: 'http', port: 8080 }] } })
    await until(async () => (await table('pay'))?.spec.ports[0]?.port === 8080)
    const optedOut = { spec: { template: { metadata: { annotations: { 'sidetrack.dev/inject': null } } } } }
    await client.patch(DEPLOYMENTS, at('pay'), optedOut)
    await cluster.gone(ROUTING_TABLES, NAMESPACE, 'pay')
    await cluster.sandbox(NAMESPACE, 'pr-pay', fork('pay'))
    await cluster.made(ROUTING_TABLES, NAMESPACE, 'pay')
    t.match((await cluster.condition(NAMESPACE, 'pr-pay', 'Warned', {})).reason, 'NotOptedIn')
    await client.delete(SERVICES, at('pay'))
    await cluster.gone(ROUTING_TABLES, NAMESPACE, 'pay')
    await cluster.gone(ROUTES, NAMESPACE, 'pay.80.sandbox.pr-pay')
    await client.delete(SANDBOXES, at('pr-pay'))
    await cluster.workload(NAMESPACE, 'pay')
    await cluster.made(ROUTING_TABLES, NAMESPACE, 'pay')
  })

  await t.test('a table that somebody changes is mended; one that a person wrote is not touched', async (t) => {
    const before = (await table('cart'))?.spec
    await client.patch(ROUTING_TABLES, at('cart'), { spec: { clusterIPs: ['10.96.8.8'] } })
    await until(async () => isDeepStrictEqual((await table('cart'))?.spec, before))
    const spec = { service: 'mine', clusterIPs: ['10.96.7.7'], ports: [{ port: 7, protocol: 'http' as const }] }
    const mine = await client.create(ROUTING_TABLES, { metadata: at('mine'), spec })
    await cluster.workload(NAMESPACE, 'mine')
    await cluster.sandbox(NAMESPACE, 'pr-mine', fork('mine'))
    await cluster.run(NAMESPACE, 'mine--pr-mine')
    await ready('pr-mine')
    t.strictSame(await table('mine'), mine)
    await client.delete(SANDBOXES, at('pr-mine'))
    await client.delete(SERVICES, at('mine'))
    await cluster.gone(ROUTES, NAMESPACE, 'mine.80.sandbox.pr-mine')
    t.strictSame(await table('mine'), mine)
  })

  await t.test('a route that a person wrote stays, and its status says whether it is taken', async (t) => {
    await cluster.run(NAMESPACE, 'cart', { status: running('10.9.0.1', 'fd00::1') })
    await write('good', { addresses: ['10.9.0.1:80', '[fd00::1]:80'] })
    await accepted('good', 'Accepted')
    await cluster.run('other', 'cart', { status: running('10.9.0.2') })
    await write('elsewhere', { addresses: ['10.9.0.1:80', '10.9.0.2:80'] })
    t.equal(await accepted('elsewhere', 'NotOfTheNamespace'), '10.9.0.2:80 is no pod of namespace shop.')
    await cluster.run(NAMESPACE, 'cart', { status: running('10.9.0.2') })
    await accepted('elsewhere', 'Accepted')
    await write('lost', { table: 'none', addresses: ['10.9.0.1:80'] })
    t.match(await accepted('lost', 'NoTable'), /no RoutingTable none/)
    await write('host', { addresses: ['192.0.2.1:80'] })
    t.match(await accepted('host', 'NotAPod'), /a node's address/)
    await write('stranger', { sandbox: 'pr-x', addresses: ['10.9.0.1:80'] })
    t.match(await accepted('stranger', 'NotOfTheSandbox'), /no pod of Sandbox pr-x/)
    await cluster.node('node-b', { address: '10.9.0.1' })
    await accepted('good', 'NotAPod')
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }]
    const spec = { table: 'cart', key: 'made', addresses: ['10.9.0.2:80'] }
    await client.create(ROUTES, { metadata: { ...at('made'), ownerReferences }, spec })
    await accepted('made', 'Accepted')
    for (const name of ['good', 'elsewhere', 'lost', 'host', 'stranger', 'made']) await client.delete(ROUTES, at(name))
  })

  await t.test('two sandboxes of two namespaces share a key', async (t) => {
    await cluster.sandbox(NAMESPACE, 'one', { routingKey: 'both' })
    await cluster.sandbox('other', 'two', { routingKey: 'both' })
    await cluster.run(NAMESPACE, 'cart--one')
    await cluster.run('other', 'cart--two')
    await ready('one')
    await cluster.condition('other', 'two', 'Ready', { status: 'True' })
    t.match((await route('cart.80.sandbox.one'))?.spec.key, 'both')
    t.match((await client.get(ROUTES, { namespace: 'other', name: 'cart.80.sandbox.two' })).spec.key, 'both')
    await client.delete(SANDBOXES, at('one'))
    await client.delete(SANDBOXES, { namespace: 'other', name: 'two' })
  })

  await t.test('a group leads its key to the first of its sandboxes that forks a Service', async (t) => {
    const group = async () => (await client.get(ROUTE_GROUPS, at('release'))).status
    const groupIs = (reason: string) => until(async () => (await group())?.conditions?.[0]?.reason === reason)
    const team = { team: 'pay' }
    await cluster.sandbox(NAMESPACE, 'first', {}, team)
    await cluster.sandbox(NAMESPACE, 'second', { forks: [...fork('cart').forks, ...fork('pay').forks] }, team)
    for (const name of ['cart--first', 'cart--second', 'pay--second']) await cluster.run(NAMESPACE, name)
    await ready('first')
    await ready('second')
    const spec = { match: { labels: team }, sandboxes: ['second', 'absent'] }
    await client.create(ROUTE_GROUPS, { metadata: at('release'), spec })
    await groupIs('SandboxMissing')
    await client.patch(ROUTE_GROUPS, at('release'), { spec: { sandboxes: ['second'] } })
    await groupIs('InForce')
    t.match(await group(), { routingKey: 'release', sandboxes: ['second', 'first'] })
    const leads = async (service: string) => (await route(`${service}.80.routegroup.release`))?.spec
    t.match(await leads('cart'), { key: 'release', sandbox: 'second' })
    await client.patch(ROUTE_GROUPS, at('release'), { spec: { sandboxes: ['first'] } })
    await until(async () => (await leads('cart'))?.sandbox === 'first')
    t.match(await leads('pay'), { sandbox: 'second' })
    await client.delete(SANDBOXES, at('first'))
    await groupIs('SandboxMissing')
    await until(async () => (await leads('cart'))?.sandbox === 'second')
    await client.delete(ROUTE_GROUPS, at('release'))
    await cluster.gone(ROUTES, NAMESPACE, 'cart.80.routegroup.release')
    await cluster.gone(ROUTES, NAMESPACE, 'pay.80.routegroup.release')
    t.ok(await route('cart.80.sandbox.second'), "the sandbox's own routes stay")
  })
})
