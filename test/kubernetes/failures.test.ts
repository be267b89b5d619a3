// Every way in which the API server cannot be reached, trusted or asked has its code, says what is wrong and what to do next.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type Test } from 'tap'
import { Client } from '../../kubernetes/client.ts'
import type { Credentials, TlsMaterial } from '../../kubernetes/credentials/credentials.ts'
import { PODS } from '../../kubernetes/resources/builtin.ts'
import { ERRORS, type ErrorCode } from '../../runtime/errors.ts'
import { startApiServer } from '../cluster/api-server.ts'
import { Pki } from '../cluster/pki.ts'
import { noApiServer } from '../cluster/requirements.ts'
import { freePorts } from '../fixtures/free-port.ts'
import { failureOf } from '../fixtures/kubernetes/failure.ts'
import { startRelay } from '../fixtures/kubernetes/relay.ts'
import { mountServiceAccount } from '../fixtures/kubernetes/service-account.ts'

test('what a person is told when the API server cannot be asked', { skip: noApiServer() }, async (t) => {
  const server = await startApiServer(t)
  const folder = await mkdtemp(path.join(tmpdir(), 'sidetrack-pki-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const foreign = await Pki.create(folder)
  const stranger = await foreign.issue('stranger', { user: 'admin', group: 'system:masters', names: ['IP:127.0.0.1'] })
  const account = await mountServiceAccount(t, server, 'reader', { rights: false })
  const ca = readFileSync(path.join(account.directory, 'ca.crt'))
  const token = readFileSync(path.join(account.directory, 'token'), 'utf8')
  const [unused] = await freePorts(1)
  const ask = (url: string, tls: TlsMaterial = {}, bearer = token) => {
    const shown = { headers: { authorization: `Bearer ${bearer}` }, tls: { ca, ...tls } }
    const credentials: Credentials = {
      server: url,
      namespace: 'default',
      current: async () => shown,
      renew: async () => false,
    }
    const client = new Client(credentials, 'test')
    t.teardown(() => client.close())
    return client.list(PODS, { namespace: 'shop' })
  }

  // Ten seconds: it waits beside the others.
  const held = await startRelay(t, server.url)
  held.hold()
  const silent = failureOf(ask(held.url))

  const cases: readonly [string, () => Promise<unknown>, ErrorCode, RegExp][] = [
    [
      'nothing listens',
      () => ask(`https://127.0.0.1:${unused}`),
      'ST3001',
      /nothing listens at https:\/\/127\.0\.0\.1:\d+$/,
    ],
    [
      'a name that nobody knows',
      () => ask('https://nowhere.invalid:6443'),
      'ST3001',
      /the name in https:\/\/nowhere.invalid:6443 /,
    ],
    [
      'another authority',
      () => ask(server.url, { ca: readFileSync(foreign.authority.certificate) }),
      'ST3002',
      /no trusted connection to https:.*: unable to verify|self.signed/,
    ],
    [
      'another server name',
      () => ask(server.url, { servername: 'other.example' }),
      'ST3002',
      /does not match certificate's altnames/,
    ],
    ['a token that nobody signed', () => ask(server.url, {}, 'a.b.c'), 'ST3003', /does not accept the credentials/],
    [
      'a client certificate of another authority',
      () => ask(server.url, { cert: readFileSync(stranger.certificate), key: readFileSync(stranger.key) }, ''),
      'ST3003',
      /does not accept the credentials/,
    ],
    [
      'no right to do so',
      () => ask(server.url),
      'ST3004',
      /cannot list pods in namespace shop: .*system:serviceaccount:default:reader/,
    ],
    [
      'a server without TLS',
      async () => ask(`https://${await web(t, http.createServer(), 200)}`),
      'ST3013',
      /does not speak TLS/,
    ],
    [
      'TLS where plain HTTP was meant',
      () => ask(server.url.replace('https', 'http')),
      'ST3013',
      /HTTP request to an HTTPS server/,
    ],
    ['a server that is no HTTP server', async () => ask(`http://${await babbler(t)}`), 'ST3013', /does not speak HTTP/],
    ...([200, 302, 401, 403, 404, 500, 502] as const).map(
      (status): [string, () => Promise<unknown>, ErrorCode, RegExp] => [
        `a web page with status ${status}`,
        async () => ask(`http://${await web(t, http.createServer(), status)}`),
        status >= 500 ? 'ST3010' : 'ST3013',
        /log in/,
      ],
    ),
    [
      'another HTTPS server',
      async () => {
        const options = { cert: readFileSync(stranger.certificate), key: readFileSync(stranger.key) }
        return ask(`https://${await web(t, https.createServer(options), 200)}`, {
          ca: readFileSync(foreign.authority.certificate),
        })
      },
      'ST3013',
      /not JSON/,
    ],
  ]
  for (const [name, action, code, message] of cases) {
    await t.test(`${name}: ${code}`, async (t) => {
      const error = await failureOf(action())
      t.equal(error.code, code)
      t.match(error.message, message)
      t.match(error.message, /^cannot list pods in namespace shop: /)
      t.equal(error.next, ERRORS[code].next)
    })
  }

  await t.test('a server that takes connections and says nothing: ST3009', async (t) => {
    t.match(await silent, { code: 'ST3009', message: /does not take connections/ })
  })
})

/** A web server that answers everything with a page. */
async function web(t: Test, server: http.Server | https.Server, status: number): Promise<string> {
  server.on('request', (_, response: http.ServerResponse) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html>Please log in</html>')
  })
  return listening(t, server)
}

async function babbler(t: Test): Promise<string> {
  const net = await import('node:net')
  return listening(
    t,
    net.createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n')),
  )
}

async function listening(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}
