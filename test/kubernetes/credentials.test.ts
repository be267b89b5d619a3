// Every way to show who one is, on a real API server: whom it sees, and that what has expired is replaced.

import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type Test } from 'tap'
import { Client } from '../../kubernetes/client.ts'
import { findCredentials } from '../../kubernetes/credentials/find.ts'
import { kubeconfigCredentials } from '../../kubernetes/credentials/kubeconfig.ts'
import type { Resource } from '../../kubernetes/resource.ts'
import type { KubernetesObject } from '../../kubernetes/resources/meta.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { adminClient } from '../fixtures/kubernetes/api-client.ts'
import { failureOf } from '../fixtures/kubernetes/failure.ts'
import { mountServiceAccount } from '../fixtures/kubernetes/service-account.ts'

interface Review extends KubernetesObject {
  readonly status?: { readonly userInfo: { readonly username: string } }
}

const REVIEWS: Resource<Review> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  kind: 'SelfSubjectReview',
  namespaced: false,
}
/** The API server takes a token for a minute longer than it says. */
const EXPIRED = -61

test('whom a real API server sees', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const account = await mountServiceAccount(t, server, 'account')
  const folder = await mkdtemp(path.join(tmpdir(), 'sidetrack-kubeconfig-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const ca = path.join(account.directory, 'ca.crt')
  const me = 'system:serviceaccount:default:account'

  /** Writes a kubeconfig as a person would, with one context, and asks with it. */
  const clientOf = async (t: Test, name: string, user: object, cluster: object = {}) => {
    const file = path.join(folder, `${name}.yaml`)
    await writeFile(file, kubeconfigText(name, { server: server.url, 'certificate-authority': ca, ...cluster }, user))
    return opened(t, file)
  }

  await t.test('a client certificate in the kubeconfig', async (t) => {
    t.equal(await whoAmI(await adminClient(t, server)), 'admin')
  })

  await t.test('client certificate and key in files beside the kubeconfig', async (t) => {
    const config = JSON.parse(await readFile(server.kubectl.kubeconfig, 'utf8'))
    const { user } = config.users[0]
    await writeFile(path.join(folder, 'me.crt'), Buffer.from(user['client-certificate-data'], 'base64'))
    await writeFile(path.join(folder, 'me.key'), Buffer.from(user['client-key-data'], 'base64'))
    const client = await clientOf(t, 'files', { 'client-certificate': 'me.crt', 'client-key': 'me.key' })
    t.equal(await whoAmI(client), 'admin')
  })

  await t.test('a token, and somebody else whom it may speak for', async (t) => {
    const token = await server.token('default', 'account', 600)
    t.equal(await whoAmI(await clientOf(t, 'token', { token })), me)
    t.equal(await whoAmI(await clientOf(t, 'as', { token, as: 'jane' })), 'jane')
  })

  await t.test("a pod's token that has expired is read again, for all requests that it was refused for", async (t) => {
    await account.write(EXPIRED)
    const client = account.client()
    await account.write(600)
    const found = await Promise.all(Array.from({ length: 20 }, () => whoAmI(client)))
    t.strictSame([...new Set(found)], [me])
    await account.write(EXPIRED)
    t.equal((await failureOf(whoAmI(account.client()))).code, 'ST3003')
    await account.write(600)
  })

  await t.test('a token in a file that is written anew', async (t) => {
    const tokenFile = path.join(folder, 'token')
    await writeFile(tokenFile, await server.token('default', 'account', EXPIRED))
    const client = await clientOf(t, 'token-file', { tokenFile: 'token' })
    t.equal((await failureOf(whoAmI(client))).code, 'ST3003')
    await writeFile(tokenFile, await server.token('default', 'account', 600))
    t.strictSame(await Promise.all([whoAmI(client), whoAmI(client), whoAmI(client)]), [me, me, me])
  })

  await t.test('what a plugin says: once for many, again when it has expired or was refused', async (t) => {
    const answers = path.join(folder, 'answers')
    const runs = path.join(folder, 'runs')
    await writeFile(runs, '')
    const says = async (lifetime: number, shownFor: number) => {
      const expirationTimestamp = new Date(Date.now() + shownFor).toISOString()
      const status = { token: await server.token('default', 'account', lifetime), expirationTimestamp }
      await writeFile(
        answers,
        JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }),
      )
    }
    await says(600, 600_000)
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: await script(folder, 'plugin', `echo "$1 $STAGE $KUBERNETES_EXEC_INFO" >> ${runs}; cat ${answers}`),
      args: ['get-token'],
      env: [{ name: 'STAGE', value: 'test' }],
      interactiveMode: 'IfAvailable',
    }
    const ran = async () => (await readFile(runs, 'utf8')).trim().split('\n')
    const client = await clientOf(t, 'plugin', { exec })
    t.strictSame([...new Set(await Promise.all(Array.from({ length: 20 }, () => whoAmI(client))))], [me])
    t.equal((await ran()).length, 1)
    const [how = ''] = await ran()
    t.match(how, /^get-token test /)
    t.match(JSON.parse(how.slice('get-token test '.length)), { apiVersion: exec.apiVersion, kind: 'ExecCredential' })

    await says(EXPIRED, 600_000)
    const refused = await clientOf(t, 'refused', { exec })
    await says(600, 600_000)
    t.strictSame([...new Set(await Promise.all(Array.from({ length: 20 }, () => whoAmI(refused))))], [me])
    t.equal((await ran()).length, 3)

    await says(600, 0)
    const expiring = await clientOf(t, 'expiring', { exec })
    const before = (await ran()).length
    t.equal(await whoAmI(expiring), me)
    t.equal((await ran()).length, before + 1)
  })

  await t.test('a plugin that fails or is not there is named with what it said', async (t) => {
    const command = await script(folder, 'failing', 'echo "You must log in: run cloud login" >&2; exit 1')
    await t.rejects(clientOf(t, 'failing', { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } }), {
      code: 'ST3012',
      message: /run cloud login/,
    })
    const missing = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sidetrack-no-such-plugin' }
    await t.rejects(clientOf(t, 'missing', { exec: missing }), { code: 'ST3012', message: /sidetrack-no-such-plugin/ })
  })

  await t.test('through the proxy that the kubeconfig names', async (t) => {
    const token = await server.token('default', 'account', 600)
    const asked: string[] = []
    const proxy = await connectProxy(t, asked)
    const client = await clientOf(t, 'proxy', { token }, { 'proxy-url': proxy })
    t.equal(await whoAmI(client), me)
    t.strictSame(asked, [new URL(server.url).host])
    const socks = clientOf(t, 'socks', { token }, { 'proxy-url': 'socks5://127.0.0.1:1' })
    await t.rejects(socks, { code: 'ST3012', message: /socks5:\/\/127\.0\.0\.1:1/ })
  })

  await t.test(
    'of several kubeconfigs the first that has a name decides; those that are missing do not matter',
    async (t) => {
      const token = await server.token('default', 'account', 600)
      const [one, two] = [path.join(folder, 'one'), path.join(folder, 'two')]
      const cluster = { server: server.url, 'certificate-authority': ca }
      await writeFile(one, kubeconfigText('same', cluster, { token }))
      await writeFile(two, kubeconfigText('same', { server: 'https://nowhere.invalid' }, { token: 'x' }))
      const config = {
        kubeconfig: `${folder}/none:${one}:${two}`,
        apiHost: '10.0.0.1',
        apiPort: '443',
        serviceAccount: '/none',
      }
      const client = new Client(await findCredentials(config), 'test')
      t.teardown(() => client.close())
      t.equal(await whoAmI(client), me)
      await t.rejects(findCredentials(config, 'other'), { code: 'ST3012', message: /no context "other".*it has same/ })
      await t.rejects(findCredentials({ ...config, kubeconfig: `${folder}/none` }), {
        code: 'ST3012',
        message: /none cannot be found/,
      })
      await t.rejects(findCredentials({ ...config, kubeconfig: '' }), { code: 'ST3012', message: /service account/ })
    },
  )
})

async function whoAmI(client: Client): Promise<string | undefined> {
  const review = await client.create(REVIEWS, { metadata: {} })
  return review.status?.userInfo.username
}

async function opened(t: Test, file: string): Promise<Client> {
  const client = new Client(await kubeconfigCredentials({ file }), 'test')
  t.teardown(() => client.close())
  return client
}

function kubeconfigText(name: string, cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}

/** A program in `folder`; named with its folder, relative to it. */
async function script(folder: string, name: string, text: string): Promise<string> {
  await writeFile(path.join(folder, name), `#!/bin/sh\n${text}\n`)
  await chmod(path.join(folder, name), 0o755)
  return `./${name}`
}

async function connectProxy(t: Test, asked: string[]): Promise<string> {
  const proxy = http.createServer()
  proxy.on('connect', (request, near) => {
    asked.push(request.url ?? '')
    const [host, port] = (request.url ?? '').split(':')
    const far = net.connect(Number(port), host, () => near.write('HTTP/1.1 200 OK\r\n\r\n'))
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    t.teardown(() => far.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const address = proxy.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}
