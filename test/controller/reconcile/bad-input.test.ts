import t from 'tap'
import { DEPLOYMENTS, EVENTS, SERVICES } from '../../../kubernetes/resources/builtin.ts'
import type { SandboxSpec } from '../../../kubernetes/resources/sandbox.ts'
import { ROUTES, SANDBOXES } from '../../../kubernetes/resources/sidetrack.ts'
import { noApiServer } from '../../cluster/requirements.ts'
import { PaperCluster } from '../../fixtures/paper-cluster/paper-cluster.ts'
import { lead } from '../../fixtures/paper-cluster/replica.ts'
import { until } from '../../fixtures/until.ts'

const NAMESPACE = 'shop'
const HOUR = 3_600_000
const LIMITS = { ttl: { defaultMs: 8 * HOUR, maximumMs: 24 * HOUR }, perNamespace: 4 }
const at = (name: string) => ({ namespace: NAMESPACE, name })
const cart = (change: object = {}): SandboxSpec['forks'] => [{ of: { kind: 'Deployment', name: 'cart' }, ...change }]

/** Refused by the API server, in its words. */
const REFUSED: readonly [string, string, Partial<SandboxSpec>, RegExp][] = [
  [
    'a kind that is not supported',
    'a',
    { forks: [{ of: { kind: 'DaemonSet' as 'Deployment', name: 'cart' } }] },
    /spec\.forks\[0\]\.of\.kind.*DaemonSet/,
  ],
  ['a key that is no key', 'a', { routingKey: 'a b' }, /spec\.routingKey.*must be letters, digits/],
  ['a name that is no key where no key is given', 'a.b', {}, /spec\.routingKey.*is needed here/],
  ['a time to live that is none', 'a', { ttl: { duration: 'soon' } }, /spec\.ttl\.duration.*must be whole hours/],
  [
    'the same workload twice',
    'a',
    { forks: [...cart(), ...cart()] },
    /spec\.forks.*must not fork the same workload twice/,
  ],
]

/** Taken by the API server; the condition says what is wrong with them. */
const INVALID: readonly [string, Partial<SandboxSpec>, string, RegExp][] = [
  [
    'a fork of something that is not there',
    { forks: [{ of: { kind: 'StatefulSet', name: 'cart' } }] },
    'BaselineMissing',
    /^spec\.forks\[0\]\.of: there is no StatefulSet cart in namespace shop$/,
  ],
  [
    'a Rollout where there are none',
    { forks: [{ of: { kind: 'Rollout', name: 'cart' } }] },
    'BaselineMissing',
    /^spec\.forks\[0\]\.of: there is no Rollout cart/,
  ],
  [
    'one of two forks that is of something that is not there',
    { forks: [...cart(), { of: { kind: 'Deployment', name: 'none' } }] },
    'BaselineMissing',
    /^spec\.forks\[1\]\.of: there is no Deployment none/,
  ],
  [
    'an image for a container that is not in it',
    { forks: cart({ images: [{ container: 'web', image: 'x' }] }) },
    'Invalid',
    /^spec\.forks\[0\]\.images\[0\]\.container: there is no container web; there are cart$/,
  ],
  [
    'a variable for a container that is not in it',
    { forks: cart({ env: [{ container: 'web', name: 'A', value: '1' }] }) },
    'Invalid',
    /^spec\.forks\[0\]\.env\[0\]\.container: there is no container web/,
  ],
  [
    'a time to live above the maximum',
    { ttl: { duration: '25h' } },
    'Invalid',
    /^spec\.ttl\.duration: 25h is above the cluster's maximum, 24h$/,
  ],
  [
    'a patch that leaves no containers',
    { forks: cart({ patch: { spec: { containers: null } } }) },
    'Invalid',
    /^spec\.forks\[0\]\.patch: it leaves no pod template/,
  ],
  [
    'a patch that makes an invalid pod',
    { forks: cart({ patch: { spec: { containers: [{ name: 'cart', ports: [{ containerPort: 99_999 }] }] } } }) },
    'Refused',
    /^spec\.forks\[0\]: Kubernetes refuses Deployment cart--.*containers\[0\]\.ports\[\d\]\.containerPort: Invalid value: 99999/,
  ],
  [
    'a patch with a field that pods do not have',
    { forks: cart({ patch: { spec: { restartPolicy: 'Never' } } }) },
    'Refused',
    /^spec\.forks\[0\]: Kubernetes refuses Deployment cart--.*spec\.template\.spec\.restartPolicy: Unsupported value: "Never"/,
  ],
  [
    'the network of the node',
    { forks: cart({ patch: { spec: { hostNetwork: true } } }) },
    'Invalid',
    /^spec\.forks\[0\]\.of: it uses its node's network/,
  ],
]

t.test('a sandbox that cannot be', { skip: noApiServer() }, async (t) => {
  const cluster = await PaperCluster.create(t)
  const { client } = cluster
  await cluster.namespace(NAMESPACE)
  await cluster.workload(NAMESPACE, 'cart')
  await lead(t, cluster, LIMITS)
  const condition = (name: string, type: string, want: Parameters<PaperCluster['condition']>[3]) =>
    cluster.condition(NAMESPACE, name, type, want)
  const made = async () => {
    const labelSelector = 'sidetrack.dev/sandbox'
    const selection = { namespace: NAMESPACE, labelSelector }
    const lists = await Promise.all([
      client.list(DEPLOYMENTS, selection),
      client.list(SERVICES, selection),
      client.list(ROUTES, selection),
    ])
    return lists.flatMap(({ items }) => items.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
  }
  const remove = async (name: string) => {
    await client.delete(SANDBOXES, at(name))
    await until(async () => (await made()).length === 0)
  }

  for (const [what, name, spec, message] of REFUSED) {
    await t.test(`is refused: ${what}`, async (t) => {
      await t.rejects(cluster.sandbox(NAMESPACE, name, spec), message)
    })
  }

  for (const [index, [what, spec, reason, message]] of INVALID.entries()) {
    await t.test(`says so, and nothing of it is made: ${what}`, async (t) => {
      const name = `bad-${index}`
      await cluster.sandbox(NAMESPACE, name, spec)
      const found = await condition(name, 'ForksAvailable', { status: 'False', reason })
      t.match(found.message, message)
      t.match(await condition(name, 'Ready', {}), { status: 'False', reason })
      t.match(await condition(name, 'RoutesProgrammed', {}), { status: 'False', reason: 'NoRoutes' })
      t.strictSame(await made(), [])
      const events = await client.list(EVENTS, { namespace: NAMESPACE })
      t.ok(
        events.items.some((event) => event.regarding?.name === name && event.reason === reason),
        'an event says so',
      )
      await remove(name)
    })
  }

  await t.test('becomes one when it is mended, and is taken away when it is broken again', async (t) => {
    await cluster.sandbox(NAMESPACE, 'mended', { forks: cart({ images: [{ container: 'web', image: 'x' }] }) })
    await condition('mended', 'Ready', { reason: 'Invalid' })
    await client.patch(SANDBOXES, at('mended'), {
      spec: { forks: cart({ images: [{ container: 'cart', image: 'x' }] }) },
    })
    await cluster.run(NAMESPACE, 'cart--mended')
    await condition('mended', 'Ready', { status: 'True' })
    await client.patch(SANDBOXES, at('mended'), {
      spec: { forks: cart({ images: [{ container: 'web', image: 'x' }] }) },
    })
    await condition('mended', 'Ready', { reason: 'Invalid' })
    t.strictSame(await made(), [])
    await remove('mended')
  })

  await t.test('whose fork the API server refuses after a change keeps the one that it has', async (t) => {
    await cluster.sandbox(NAMESPACE, 'changed')
    await cluster.run(NAMESPACE, 'cart--changed')
    await condition('changed', 'Ready', { status: 'True' })
    await client.patch(SANDBOXES, at('changed'), {
      spec: { forks: cart({ patch: { spec: { restartPolicy: 'Never' } } }) },
    })
    await condition('changed', 'Ready', { status: 'False', reason: 'Refused' })
    t.match((await client.get(ROUTES, at('cart.80.sandbox.changed'))).spec.addresses, [/:8080$/])
    await remove('changed')
  })

  await t.test('since somebody else has the name of its fork leaves that alone', async (t) => {
    await cluster.workload(NAMESPACE, 'cart--named')
    await cluster.sandbox(NAMESPACE, 'named')
    const taken = await condition('named', 'Ready', { status: 'False', reason: 'NameTaken' })
    t.match(taken.message, /Deployment cart--named is there already and is not Sidetrack's/)
    t.match((await client.get(DEPLOYMENTS, at('cart--named'))).spec?.template?.spec?.containers, [
      { image: 'cart--named:1' },
    ])
    t.strictSame(await made(), [])
    await client.delete(DEPLOYMENTS, at('cart--named'))
    await client.delete(SERVICES, at('cart--named'))
    await cluster.run(NAMESPACE, 'cart--named')
    await condition('named', 'Ready', { status: 'True' })
    await remove('named')
  })

  await t.test('lives as long as it may, and says until when', async (t) => {
    await cluster.sandbox(NAMESPACE, 'short', { ttl: { duration: '1h', from: 'created' } })
    await cluster.sandbox(NAMESPACE, 'default')
    const expiry = async (name: string) => {
      await condition(name, 'Warned', {})
      const { metadata, status } = await client.get(SANDBOXES, at(name))
      return Date.parse(status?.expiresAt ?? '') - Date.parse(metadata.creationTimestamp ?? '')
    }
    t.equal(await expiry('short'), HOUR)
    t.equal(await expiry('default'), 8 * HOUR, 'the default of the cluster')
    await client.delete(SANDBOXES, at('short'))
    await remove('default')
  })

  await t.test('is one too many until another one goes', async (t) => {
    const names = ['q-1', 'q-2', 'q-3', 'q-4', 'q-5']
    for (const name of names) {
      await cluster.sandbox(NAMESPACE, name)
      // Ages are known to the second.
      await cluster.nextSecond()
    }
    const refused = await condition('q-5', 'Ready', { status: 'False', reason: 'TooManySandboxes' })
    t.match(refused.message, /namespace shop has 4 older sandboxes, and 4 are allowed/)
    await client.delete(SANDBOXES, at('q-2'))
    await condition('q-5', 'ForksAvailable', { reason: 'Starting' })
    for (const name of names) await client.delete(SANDBOXES, at(name))
    await until(async () => (await made()).length === 0)
  })
})
