import http from 'node:http'
import net from 'node:net'
import { networkInterfaces } from 'node:os'
import t, { type Test } from 'tap'
import { isNear, startAdmin } from '../../runtime/admin.ts'
import type { Endpoint } from '../../runtime/config.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { logPage } from '../../runtime/log-page.ts'
import { Readiness } from '../../runtime/readiness.ts'

const quiet = () => {}
const QUIET = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const ANYWHERE = { host: '127.0.0.1', port: 0 }

async function start(t: Test, endpoint: Endpoint = ANYWHERE) {
  const readiness = new Readiness()
  const log = { ...QUIET, level: 'info' }
  const admin = await startAdmin(endpoint, readiness, {
    '/level': logPage(log),
    '/metrics': {
      title: 'counters',
      type: 'text/plain; version=0.0.4',
      open: true,
      content: () => Promise.resolve('a 1\n'),
    },
    '/tables': { title: 'tables', content: () => ({ cart: 1 }) },
    '/broken': { title: 'fails', content: () => Promise.reject(new Error('oh')) },
    '/throws': {
      title: 'throws',
      content() {
        throw new Error('oh')
      },
    },
  })
  t.teardown(() => admin.close())
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://${admin.address}${path}`, init)
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  return { readiness, admin, ask }
}

t.test('the address has the real port', async (t) => {
  const { admin } = await start(t)
  t.match(admin.address, /^127\.0\.0\.1:[1-9]\d*$/)
})

t.test('a living process is healthy', async (t) => {
  const { ask, readiness } = await start(t)
  readiness.pending('routes', 'x')
  t.strictSame(await ask('/healthz'), { status: 200, type: 'text/plain; charset=utf-8', text: 'ok\n' })
})

t.test('readiness is 503 with what is missing, then 200', async (t) => {
  const { ask, readiness } = await start(t)
  readiness.pending('routes', 'not read yet')
  const before = await ask('/readyz')
  t.equal(before.status, 503)
  t.strictSame(JSON.parse(before.text), { ready: false, missing: { routes: 'not read yet' } })
  readiness.done('routes')
  const after = await ask('/readyz')
  t.equal(after.status, 200)
  t.strictSame(JSON.parse(after.text), { ready: true, missing: {} })
})

t.test('a page is text of its type, or JSON', async (t) => {
  const { ask } = await start(t)
  t.strictSame(await ask('/metrics?x=1'), { status: 200, type: 'text/plain; version=0.0.4', text: 'a 1\n' })
  const { type, text } = await ask('/tables')
  t.equal(type, 'application/json; charset=utf-8')
  t.strictSame(JSON.parse(text), { cart: 1 })
})

t.test('the root lists the pages, and so does a path that is none', async (t) => {
  const { ask } = await start(t)
  const root = await ask('/')
  t.equal(root.status, 200)
  for (const page of ['/healthz', '/readyz', '/metrics', '/tables']) t.match(root.text, page)
  for (const path of ['/nothing', '/__proto__', '/constructor', '//', '/healthz/'])
    t.equal((await ask(path)).status, 404, path)
})

const NEAR: readonly [address: string | undefined, near: boolean][] = [
  [undefined, true],
  ['127.0.0.1', true],
  ['127.77.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
  ['1127.0.0.1', false],
]

for (const [address, near] of NEAR) {
  t.test(`${address ?? 'a Unix socket'} is ${near ? '' : 'not '}the machine itself`, async (t) => {
    t.equal(isNear(address), near)
  })
}

const [outside] = Object.values(networkInterfaces()).flatMap((each) =>
  (each ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
)

t.test(
  'other machines get what is open, and not what is missing',
  { skip: outside === undefined && 'no network' },
  async (t) => {
    const { admin, readiness } = await start(t, { host: '*', port: 0 })
    readiness.pending('shop/web', 'its sidecar is gone')
    const ask = async (path: string, init?: RequestInit) => {
      const response = await fetch(`http://${outside?.address}:${admin.address.slice('*:'.length)}${path}`, init)
      return [response.status, await response.text()]
    }
    t.strictSame(await ask('/healthz'), [200, 'ok\n'])
    t.strictSame(await ask('/metrics'), [200, 'a 1\n'])
    t.strictSame(await ask('/readyz'), [503, '{"ready": false}\n'])
    for (const path of ['/', '/tables', '/level', '/nothing']) t.equal((await ask(path))[0], 403, path)
    t.equal((await ask('/level', { method: 'PUT', body: 'debug' }))[0], 403)
  },
)

t.test('a page may be changed from this machine', async (t) => {
  const { ask } = await start(t)
  t.match(await ask('/level', { method: 'PUT', body: 'debug\n' }), { status: 200 })
  t.match(await ask('/level'), { text: 'debug' })
  t.match(await ask('/level', { method: 'PUT', body: 'loud' }), { status: 400, text: /must be one of/ })
  t.match(await ask('/level', { method: 'PUT', body: 'x'.repeat(1025) }), { status: 413 })
  t.match(await ask('/level'), { text: 'debug' })
})

t.test('it only reads', async (t) => {
  const { ask } = await start(t)
  for (const method of ['POST', 'PUT', 'DELETE']) t.equal((await ask('/healthz', { method })).status, 405, method)
  t.strictSame(await ask('/healthz', { method: 'HEAD' }), { status: 200, type: 'text/plain; charset=utf-8', text: '' })
})

t.test('a page that fails is a 500, and the server goes on', async (t) => {
  const { ask } = await start(t)
  t.equal((await ask('/broken')).status, 500)
  t.equal((await ask('/healthz')).status, 200)
})

t.test('a page that throws is a 500, and the server goes on', async (t) => {
  const { ask } = await start(t)
  t.equal((await ask('/throws')).status, 500)
  t.equal((await ask('/healthz')).status, 200)
})

t.test('closing it ends open connections', async (t) => {
  const { admin } = await start(t)
  const agent = new http.Agent({ keepAlive: true })
  const [host = '', port] = admin.address.split(':')
  const socket = net.connect({ host, port: Number(port) })
  await new Promise((resolve) => socket.once('connect', resolve))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  admin.close()
  await closed
  agent.destroy()
  t.ok(socket.destroyed)
})

t.test('an address that is taken is one clear error', async (t) => {
  const { admin } = await start(t)
  const port = Number(admin.address.split(':')[1])
  const error: unknown = await startAdmin({ host: '127.0.0.1', port }, new Readiness(), {}).catch(
    (each: unknown) => each,
  )
  t.ok(error instanceof SidetrackError)
  t.match(error, { code: 'ST2004', message: `cannot listen on 127.0.0.1:${port} for the admin server: it is in use` })
})

t.test('it listens on every address where it is told to', async (t) => {
  const admin = await startAdmin({ host: '*', port: 0 }, new Readiness(), {})
  t.teardown(() => admin.close())
  t.match(admin.address, /^\*:\d+$/)
  const { status } = await fetch(`http://127.0.0.1:${admin.address.slice(2)}/healthz`)
  t.equal(status, 200)
})
