// The verbs on a real API server, and what it refuses.

import { test } from 'tap'
import type { Client } from '../../kubernetes/client.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import { CONFIG_MAPS, LEASES, NAMESPACES, NODES, PODS } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import { ERRORS } from '../../runtime/errors.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { failureOf } from '../fixtures/kubernetes/failure.ts'
import { adminClient, installRoutes, route } from '../fixtures/kubernetes/api-client.ts'

const SERVICE_ACCOUNTS: Resource<KubernetesObject> = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
}

test('a client of a real API server', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const client = await adminClient(t, server, 'one')
  const other = await adminClient(t, server, 'other')

  await t.test('says which kind is not installed, and how to install it', async (t) => {
    const error = await failureOf(client.list(ROUTES, { namespace: 'default' }))
    t.match(error, { code: 'ST3011', status: 404, next: ERRORS.ST3011.next })
    t.equal(error.message, 'cannot list routes.sidetrack.dev in namespace default: the cluster has no such kind')
    t.equal((await failureOf(client.create(ROUTES, route('default', 'a', '')))).code, 'ST3011')
    t.equal((await failureOf(client.get(ROUTES, { namespace: 'default', name: 'a' }))).code, 'ST3011')
    await t.rejects(client.find(ROUTES, { namespace: 'default', name: 'a' }), { code: 'ST3011' })
    await t.rejects(client.delete(ROUTES, { namespace: 'default', name: 'a' }), { code: 'ST3011' })
  })

  await t.test('gets, finds and lists objects with their kind', async (t) => {
    const namespace = await newNamespace(client)
    const made = await client.create(CONFIG_MAPS, { metadata: { namespace, name: 'a' }, data: { x: '1' } })
    const got = await client.get(CONFIG_MAPS, { namespace, name: 'a' })
    t.match(got, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { uid: made.metadata.uid ?? '' }, data: { x: '1' } })
    const { items, resourceVersion } = await client.list(CONFIG_MAPS, { namespace })
    t.strictSame(items, [got])
    t.ok(Number(resourceVersion) >= Number(got.metadata.resourceVersion))
    t.equal(await client.find(CONFIG_MAPS, { namespace, name: 'b' }), undefined)
    t.match(await failureOf(client.get(CONFIG_MAPS, { namespace, name: 'b' })), { code: 'ST3005', status: 404 })
    t.match(await client.list(NODES), { items: [] })
    t.match(await client.read('/version'), { major: '1' })
  })

  await t.test('lists by labels and fields', async (t) => {
    const namespace = await newNamespace(client)
    for (const name of ['a', 'b', 'c'])
      await client.create(CONFIG_MAPS, { metadata: { namespace, name, labels: { even: String(name === 'b') } } })
    const names = async (selection: object) =>
      (await client.list(CONFIG_MAPS, { namespace, ...selection })).items.map((each) => each.metadata.name)
    t.strictSame(await names({ labelSelector: 'even=true' }), ['b'])
    t.strictSame(await names({ labelSelector: 'even in (true, false),even!=true' }), ['a', 'c'])
    t.strictSame(await names({ fieldSelector: 'metadata.name=c' }), ['c'])
    t.match(await failureOf(client.list(CONFIG_MAPS, { labelSelector: 'a b' })), { code: 'ST3007', status: 400 })
  })

  await t.test('does not create what is there, nor replace what has changed', async (t) => {
    const namespace = await newNamespace(client)
    const old = await client.create(CONFIG_MAPS, { metadata: { namespace, name: 'a' } })
    const again = await failureOf(client.create(CONFIG_MAPS, { metadata: { namespace, name: 'a' } }))
    t.match(again, { code: 'ST3006', status: 409, reason: 'AlreadyExists' })
    const changed = await client.replace(CONFIG_MAPS, { ...old, data: { x: '1' } })
    t.not(changed.metadata.resourceVersion, old.metadata.resourceVersion)
    t.match(await failureOf(client.replace(CONFIG_MAPS, { ...old, data: { x: '2' } })), { code: 'ST3006', status: 409 })
    t.match(await client.create(CONFIG_MAPS, { metadata: { namespace, generateName: 'made-' } }), {
      metadata: { name: /^made-/ },
    })
  })

  await t.test('applies the fields that are its own', async (t) => {
    const namespace = await newNamespace(client)
    const metadata = { namespace, name: 'a' }
    await client.apply(CONFIG_MAPS, { metadata, data: { mine: '1', both: '1', gone: '1' } })
    const conflict = await failureOf(other.apply(CONFIG_MAPS, { metadata, data: { both: '2' } }))
    t.match(conflict, { code: 'ST3006', status: 409, reason: 'Conflict', next: /taken over/ })
    t.match(conflict.message, /apply configmaps .*\/a: .*conflict with "one".*\.data\.both/)
    t.match(conflict.causes, [{ reason: 'FieldManagerConflict', field: '.data.both' }])
    await other.apply(CONFIG_MAPS, { metadata, data: { both: '2' } }, { force: true })
    const after = await client.apply(CONFIG_MAPS, { metadata, data: { mine: '1' } })
    t.strictSame(after.data, { mine: '1', both: '2' })
  })

  await t.test('patches, unless the object is another by now', async (t) => {
    const namespace = await newNamespace(client)
    const at = { namespace, name: 'a' }
    const old = await client.create(CONFIG_MAPS, { metadata: at, data: { x: '1', y: '1' } })
    const changed = await client.patch(CONFIG_MAPS, at, { data: { x: null, z: '1' } })
    t.strictSame(changed.data, { y: '1', z: '1' })
    const { resourceVersion = '' } = old.metadata
    const late = await failureOf(client.patch(CONFIG_MAPS, at, { metadata: { resourceVersion }, data: { y: '2' } }))
    t.match(late, { code: 'ST3006', status: 409 })
    t.match(await failureOf(client.patch(CONFIG_MAPS, { namespace, name: 'b' }, { data: {} })), { code: 'ST3005' })
  })

  await t.test('applies the status of an object by itself', async (t) => {
    await installRoutes(server)
    const namespace = await newNamespace(client)
    const metadata = { namespace, name: 'a' }
    const made = await client.apply(ROUTES, route(namespace, 'a', 'starting'))
    const condition = {
      type: 'Accepted',
      status: 'False',
      reason: 'Loopback',
      message: 'it points at a loopback address',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    } as const
    const after = await client.applyStatus(ROUTES, { metadata, status: { conditions: [condition] } })
    t.match(after, { status: { conditions: [condition] }, spec: made.spec, metadata: { generation: 1 } })
    const conflict = other.applyStatus(ROUTES, { metadata, status: { conditions: [{ ...condition, status: 'True' }] } })
    t.match(await failureOf(conflict), { code: 'ST3006', message: /apply status of routes.sidetrack.dev/ })
    const missing = client.applyStatus(ROUTES, { metadata: { namespace, name: 'b' }, status: { conditions: [] } })
    t.match(await failureOf(missing), { code: 'ST3005', status: 404 })
  })

  await t.test('names the field of an object that is refused', async (t) => {
    const namespace = await newNamespace(client)
    const refused = await failureOf(
      client.create(ROUTES, { ...route(namespace, 'a', ''), spec: { table: 'a', key: '-' } }),
    )
    t.match(refused, { code: 'ST3007', status: 422, reason: 'Invalid' })
    t.ok(refused.causes.some((cause) => cause.field === 'spec.key'))
    t.match(refused.message, /spec\.key/)
  })

  await t.test('deletes what it means, and nothing else', async (t) => {
    const namespace = await newNamespace(client)
    const at = { namespace, name: 'a' }
    const first = await client.create(CONFIG_MAPS, { metadata: at })
    await client.patch(CONFIG_MAPS, at, { data: { x: '1' } })
    const stale = { resourceVersion: first.metadata.resourceVersion }
    t.match(await failureOf(client.delete(CONFIG_MAPS, at, stale)), { code: 'ST3006', status: 409 })
    t.equal(await client.delete(CONFIG_MAPS, at, { uid: first.metadata.uid }), true)
    t.equal(await client.delete(CONFIG_MAPS, at), false)
    await client.create(CONFIG_MAPS, { metadata: at })
    t.match(await failureOf(client.delete(CONFIG_MAPS, at, { uid: first.metadata.uid })), { code: 'ST3006' })
    t.match(await failureOf(client.delete(CONFIG_MAPS, at, { uid: '0' })), { code: 'ST3006', message: /UID/ })
  })

  await t.test('deletes all that are selected', async (t) => {
    const namespace = await newNamespace(client)
    for (const name of ['a', 'b', 'c'])
      await client.create(LEASES, { metadata: { namespace, name, labels: { go: String(name !== 'b') } } })
    await client.deleteCollection(LEASES, { namespace, labelSelector: 'go=true' })
    const { items } = await client.list(LEASES, { namespace })
    t.strictSame(
      items.map((each) => each.metadata.name),
      ['b'],
    )
  })

  await t.test('asks for a token, and evicts a pod', async (t) => {
    const namespace = await newNamespace(client)
    await client.create(SERVICE_ACCOUNTS, { metadata: { namespace, name: 'default' } })
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } }
    const at = { namespace, name: 'default' }
    const answer = await client.subresource<{ status: { token: string } }>(
      'POST',
      SERVICE_ACCOUNTS,
      at,
      'token',
      request,
    )
    t.match(answer.status.token, /^\S+\.\S+\.\S+$/)

    const spec = { containers: [{ name: 'c', image: 'none' }], terminationGracePeriodSeconds: 0 }
    await client.create(PODS, { metadata: at, spec })
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: at }
    await client.subresource('POST', PODS, at, 'eviction', eviction)
    t.equal(await client.find(PODS, at), undefined)
    const late = await failureOf(client.subresource('POST', PODS, at, 'eviction', eviction))
    t.match(late, { code: 'ST3005', message: /^cannot create eviction of pods / })
  })

  await t.test('lists 1,200 objects in pages of one state', async (t) => {
    const namespace = await newNamespace(client)
    await makeMany(client, namespace, 1200)
    const sizes: number[] = []
    const versions = new Set<string>()
    for await (const page of client.pages(CONFIG_MAPS, { namespace })) {
      sizes.push(page.items.length)
      versions.add(page.resourceVersion)
      // What is written meanwhile belongs to a later state.
      await client.create(CONFIG_MAPS, { metadata: { namespace, name: `z-${sizes.length}` } })
    }
    t.strictSame(sizes, [500, 500, 200])
    t.equal(versions.size, 1)
    const { items } = await client.list(CONFIG_MAPS, { namespace })
    t.equal(new Set(items.map((each) => each.metadata.uid)).size, 1203)
  })
})

async function newNamespace(client: Client): Promise<string> {
  const { metadata } = await client.create(NAMESPACES, { metadata: { generateName: 'test-' } })
  return metadata.name
}

async function makeMany(client: Client, namespace: string, count: number): Promise<void> {
  let made = 0
  const worker = async () => {
    while (made < count) await client.create(CONFIG_MAPS, { metadata: { namespace, name: `a-${made++}` } })
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}
