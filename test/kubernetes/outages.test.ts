// Whatever happens to the API server, a store is afterwards what the server says, and was told each change once.

import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { Client } from '../../kubernetes/client.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import type { Resource, Selection } from '../../kubernetes/resource.ts'
import { NAMESPACES } from '../../kubernetes/resources/builtin.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { ROUTES } from '../../kubernetes/resources/sidetrack.ts'
import { type ApiServer, startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { adminClient, installRoutes, makeRoutes, route } from '../fixtures/kubernetes/api-client.ts'
import { type Followed, QUICK, follow } from '../fixtures/kubernetes/followed.ts'
import { startWriting } from '../fixtures/kubernetes/ledger.ts'
import { type Relay, startRelay } from '../fixtures/kubernetes/relay.ts'
import { mountServiceAccount } from '../fixtures/kubernetes/service-account.ts'
import { until } from '../fixtures/until.ts'

/** Seconds for which the API server takes a token that has expired. */
const LENIENCY = 60

test('a reflector through outages', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  await installRoutes(server)
  const admin = await adminClient(t, server)
  const account = await mountServiceAccount(t, server, 'follower')
  const relay = await startRelay(t, server.url)
  const remote = account.client(relay.url)

  // A new API server knows no changes from before its start: who comes with an older state must list.
  const outages: readonly [string, number, () => Promise<void>][] = [
    ['the API server is killed', 2, () => restart(server, 'SIGKILL')],
    ['the API server ends in good order', 2, () => restart(server, 'SIGTERM')],
    ['etcd is killed', 1, () => restartEtcd(server)],
    ['the API server stands still', 1, () => standStill(server)],
    ['the network breaks, and changes go on', 1, () => broken(relay, 500)],
    ['the network swallows everything, and changes go on', 1, () => swallowing(relay, 2000)],
  ]
  for (const [name, lists, happen] of outages) {
    await t.test(`${name}: every change is seen once`, async (t) => {
      const namespace = await newNamespace(admin)
      const followed = follow(t, remote, { namespace, timing: { ...QUICK, silenceMs: 1000 } })
      await followed.store.synced
      const ledger = startWriting(admin, namespace)
      await until(() => followed.told.removed.size > 4)
      const before = ledger.writes
      await happen()
      await until(() => ledger.writes > before + 50)
      await ledger.stop()
      await agreement(server, namespace, followed)
      t.strictSame(followed.contradictions, [])
      const { added, removed } = followed.told
      const gone = (uid: string) => ledger.deleted.has(uid)
      t.strictSame(
        [...ledger.created].filter((uid) => !added.has(uid) && !(lists > 1 && gone(uid))),
        [],
        'each object was new, but for what came and went during the outage',
      )
      t.strictSame(
        [...added].filter((uid) => removed.has(uid) !== gone(uid)),
        [],
        'each deletion was seen, and no other',
      )
      t.ok(followed.replacements <= lists)
      t.comment(`${ledger.writes} writes, ${ledger.failures} failures, ${followed.replacements} lists`)
    })
  }

  await t.test('what was forgotten during an outage is found out by one list', async (t) => {
    const namespace = await newNamespace(admin)
    await makeRoutes(admin, namespace, 10)
    const followed = follow(t, remote, { namespace })
    await until(() => followed.reflector.state.watching)
    relay.cut()
    const ledger = startWriting(admin, namespace)
    await until(() => ledger.deleted.size > 3)
    await ledger.stop()
    await admin.delete(ROUTES, { namespace, name: 'a-0' })
    await server.compact()
    // It forgets what it has in memory, too.
    await restart(server, 'SIGKILL')
    relay.mend()
    await agreement(server, namespace, followed)
    await until(() => followed.reflector.state.watching)
    t.match(followed, { replacements: 2, contradictions: [] })
    t.equal(followed.told.removed.size, 1)
    t.equal(followed.store.get(namespace, 'a-0'), undefined)
    t.match(followed.reflector.state, { lists: 2, error: undefined })
  })

  await t.test('a list whose later pages are gone is made anew, and half of it is never told', async (t) => {
    const namespace = await newNamespace(admin)
    await makeRoutes(admin, namespace, 1200)
    let pages = 0
    class Slow extends Client {
      override async *pages<T extends KubernetesObject>(
        resource: Resource<T>,
        selection?: Selection,
        options?: Parameters<Client['pages']>[2],
      ) {
        for await (const page of super.pages(resource, selection, options)) {
          yield page
          if (++pages === 1) {
            await admin.create(ROUTES, route(namespace, 'late', ''))
            await server.compact()
            await restart(server, 'SIGKILL')
          }
        }
      }
    }
    const slow = new Slow(await kubeconfigCredentials({ file: server.kubectl.kubeconfig }), 'slow')
    t.teardown(() => slow.close())
    const followed = follow(t, slow, { namespace })
    await followed.store.synced
    t.match(followed, { replacements: 1, contradictions: [], store: { size: 1201 } })
    t.equal(pages, 2, 'the first page of three, then all in one')
    t.ok(followed.logged.some(({ err }) => (err as { code?: string }).code === 'ST3008'))
  })

  await t.test('a token that has expired is read again, by requests and watches alike', async (t) => {
    const namespace = await newNamespace(admin)
    const short = await mountServiceAccount(t, server, 'short', { lifetime: 3 - LENIENCY })
    const client = short.client()
    const followed = follow(t, client, { namespace })
    await until(() => followed.reflector.state.watching)
    await sleep(3000)
    // Else it remembers for some seconds that the token was good.
    await restart(server, 'SIGKILL')
    await until(() => followed.reflector.state.error?.code === 'ST3003')
    await short.write(600)
    await admin.create(ROUTES, route(namespace, 'a', ''))
    await until(() => followed.store.size === 1)
    t.strictSame(followed.contradictions, [])
  })
})

async function restart(server: ApiServer, signal: NodeJS.Signals): Promise<void> {
  await server.stop(signal)
  await server.start()
}

async function restartEtcd(server: ApiServer): Promise<void> {
  await server.stopEtcd('SIGKILL')
  await server.start()
}

async function standStill(server: ApiServer): Promise<void> {
  server.pause()
  await sleep(2000)
  server.resume()
}

async function broken(relay: Relay, milliseconds: number): Promise<void> {
  relay.cut()
  await sleep(milliseconds)
  relay.mend()
}

async function swallowing(relay: Relay, milliseconds: number): Promise<void> {
  relay.hold()
  await sleep(milliseconds)
  relay.mend()
}

/** Waits until the store is what kubectl sees. */
async function agreement(server: ApiServer, namespace: string, followed: Followed): Promise<void> {
  const { items } = await server.kubectl.get<{ items: KubernetesObject[] }>(['-n', namespace, 'routes.sidetrack.dev'])
  const expected = summary(items)
  await until(() => summary(followed.store.values()) === expected)
}

function summary(objects: Iterable<Pick<KubernetesObject, 'metadata'>>): string {
  const states = [...objects].map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`)
  return states.toSorted().join('\n')
}

async function newNamespace(client: Client): Promise<string> {
  const { metadata } = await client.create(NAMESPACES, { metadata: { generateName: 'test-' } })
  return metadata.name
}
