// A reflector on a real API server: what it lists, what it follows, and that it lists again only when it must.

import { test } from 'tap'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import { NAMESPACES } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import { ERRORS } from '../../runtime/errors.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { adminClient, installRoutes, listsOfRoutes, route } from '../fixtures/kubernetes/api-client.ts'
import { QUICK, follow } from '../fixtures/kubernetes/followed.ts'
import { startRelay } from '../fixtures/kubernetes/relay.ts'
import { mountServiceAccount } from '../fixtures/kubernetes/service-account.ts'
import { until } from '../fixtures/until.ts'

test('a reflector of a real API server', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const admin = await adminClient(t, server)
  const account = await mountServiceAccount(t, server, 'follower')

  await t.test('waits for a kind to be installed, and says once that it is not', async (t) => {
    const followed = follow(t, admin)
    await until(() => followed.logged.length >= 4)
    t.match(followed.reflector.state, { watching: false, error: { code: 'ST3011' } })
    await installRoutes(server)
    await followed.store.synced
    await until(() => followed.reflector.state.watching)
    t.equal(followed.reflector.state.error, undefined)
    const warnings = followed.logged.filter(
      ({ level, err }) => level === 'warn' && (err as { code?: string }).code === 'ST3011',
    )
    t.equal(warnings.length, 1)
    t.match(warnings, [{ resource: 'routes.sidetrack.dev', next: ERRORS.ST3011.next }])
  })

  await t.test('tells of everything that is there, then of every change', async (t) => {
    const namespace = await newNamespace(admin)
    await admin.create(ROUTES, route(namespace, 'a', '1'))
    const followed = follow(t, admin, { namespace })
    await followed.store.synced
    t.match([...followed.store.values()], [{ kind: 'Route', metadata: { name: 'a', managedFields: undefined } }])
    const made = await admin.create(ROUTES, route(namespace, 'b', '1'))
    await admin.apply(ROUTES, route(namespace, 'a', '2'), { force: true })
    await until(() => followed.store.get(namespace, 'a')?.spec.reason === '2')
    t.match(followed.store.get(namespace, 'b'), { metadata: { uid: made.metadata.uid ?? '' } })
    await admin.delete(ROUTES, { namespace, name: 'b' })
    await until(() => followed.store.size === 1)
    t.match(followed, { replacements: 1, contradictions: [], reflector: { state: { lists: 1, watches: 1 } } })
  })

  await t.test('follows what its selectors select, as it begins and ceases to', async (t) => {
    const namespace = await newNamespace(admin)
    const followed = follow(t, admin, { namespace, labelSelector: 'for=me' })
    await followed.store.synced
    await admin.create(ROUTES, route(namespace, 'a', '1'))
    await admin.patch(ROUTES, { namespace, name: 'a' }, { metadata: { labels: { for: 'me' } } })
    await until(() => followed.store.size === 1)
    await admin.patch(ROUTES, { namespace, name: 'a' }, { metadata: { labels: { for: 'you' } } })
    await until(() => followed.store.size === 0)
    t.equal(followed.told.removed.size, 1)
  })

  await t.test('goes on from the last bookmark when the API server ends a watch, and lists nothing', async (t) => {
    const namespace = await newNamespace(admin)
    const lists = await listsOfRoutes(server)
    const froms: string[] = []
    class Noting extends Client {
      override watch<T extends KubernetesObject>(...args: Parameters<typeof Client.prototype.watch<T>>) {
        froms.push(args[2].resourceVersion)
        return super.watch(...args)
      }
    }
    const noting = new Noting(await kubeconfigCredentials({ file: server.kubectl.kubeconfig }), 'noting')
    t.teardown(() => noting.close())
    const followed = follow(t, noting, { namespace, timing: { ...QUICK, watchSeconds: 3 } })
    // The API server sends bookmarks of what it heard after the watch had begun.
    await until(() => followed.reflector.state.watching)
    const first = Number(followed.store.resourceVersion)
    // What concerns nobody here moves the bookmark, too.
    await admin.create(ROUTES, route(await newNamespace(admin), 'elsewhere', ''))
    await until(() => followed.bookmarks > 0 && followed.reflector.state.watches >= 2)
    t.ok(Number(followed.store.resourceVersion) > first)
    t.strictSame(
      froms.map((from) => Number(from) > first),
      [false, true],
    )
    t.equal(followed.reflector.state.error, undefined)
    await admin.create(ROUTES, route(namespace, 'a', ''))
    await until(() => followed.store.size === 1)
    await followed.end()
    t.match(followed, { replacements: 1, contradictions: [], logged: { length: 0 } })
    t.equal(await listsOfRoutes(server), lists + 1)
  })

  await t.test('goes on where it was when its connection breaks, and lists nothing', async (t) => {
    const relay = await startRelay(t, server.url)
    const namespace = await newNamespace(admin)
    const lists = await listsOfRoutes(server)
    const followed = follow(t, account.client(relay.url), { namespace })
    await admin.create(ROUTES, route(namespace, 'a', ''))
    await until(() => followed.store.size === 1)
    relay.cut()
    await until(() => followed.reflector.state.error?.code === 'ST3001')
    await admin.delete(ROUTES, { namespace, name: 'a' })
    await admin.create(ROUTES, route(namespace, 'a', ''))
    await admin.create(ROUTES, route(namespace, 'b', ''))
    relay.mend()
    await until(() => followed.store.size === 2)
    await followed.end()
    t.match(followed, { replacements: 1, contradictions: [] })
    t.equal(followed.told.removed.size, 1, 'the deletion was seen')
    t.equal(await listsOfRoutes(server), lists + 1)
    t.strictSame(
      followed.logged.filter(({ level }) => level !== 'debug').map(({ level, message }) => `${level}: ${message}`),
      ['warn: not following', 'info: following again'],
    )
  })

  await t.test('gives up a watch that fell silent, and goes on with another', async (t) => {
    const relay = await startRelay(t, server.url)
    const namespace = await newNamespace(admin)
    const followed = follow(t, account.client(relay.url), { namespace, timing: { ...QUICK, silenceMs: 1000 } })
    await until(() => followed.reflector.state.watching)
    relay.hold()
    await admin.create(ROUTES, route(namespace, 'a', ''))
    await until(() => followed.reflector.state.error?.code === 'ST3009')
    t.equal(followed.store.size, 0)
    relay.mend()
    await until(() => followed.store.size === 1)
    t.match(followed, { replacements: 1, contradictions: [] })
  })
})

async function newNamespace(client: Client): Promise<string> {
  const { metadata } = await client.create(NAMESPACES, { metadata: { generateName: 'test-' } })
  return metadata.name
}
