import http from 'node:http'
import net from 'node:net'
import t, { type Test } from 'tap'
import { startAdmin } from '../../runtime/admin.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { Readiness } from '../../runtime/readiness.ts'

const ANYWHERE = { host: '127.0.0.1', port: 0 }

async function start(t: Test) {
  const readiness = new Readiness()
  const admin = await startAdmin(ANYWHERE, readiness, {
    '/metrics': { title: 'counters', type: 'text/plain; version=0.0.4', content: () => Promise.resolve('a 1\n') },
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
