import { once } from 'node:events'
import type http from 'node:http'
import https from 'node:https'
import t, { type Test } from 'tap'
import type { Identity } from '../../../controller/certificates/identity.ts'
import { mintIdentity } from '../../../controller/certificates/mint.ts'
import { ROTATION_TIMING } from '../../../controller/certificates/rotation.ts'
import type { Injection } from '../../../controller/webhook/injection.ts'
import { LARGEST_REVIEW, type ServerParts, startServer } from '../../../controller/webhook/server.ts'
import { lineLog } from '../../../runtime/line-log.ts'
import { post } from '../../fixtures/https-client.ts'
import { until } from '../../fixtures/until.ts'

const NAME = 'sidetrack-webhook.sidetrack-system.svc'
const INJECTED: Injection = { outcome: 'injected', patch: [{ op: 'remove', path: '/x' }] }

const review = (pod: object = {}) =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      resource: { group: '', version: 'v1', resource: 'pods' },
      operation: 'CREATE',
      namespace: 'shop',
      object: pod,
    },
  })

async function start(t: Test, inject: ServerParts['inject'] = () => INJECTED) {
  const identity = await mintIdentity([NAME], ROTATION_TIMING, Date.now())
  const events: string[] = []
  const lines: string[] = []
  const server = await startServer({ host: '127.0.0.1', port: 0 }, identity, {
    inject,
    log: lineLog('info', {}, (line) => lines.push(line)),
    answered: ({ outcome }, seconds) => events.push(`${outcome} ${seconds > 0 && seconds < 60}`),
    handshakeFailed: () => events.push('handshake failed'),
  })
  t.teardown(() => server.close())
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const url = `https://${server.address}`
  const trusting = ({ authority }: Identity) => ({ ca: authority, servername: NAME })
  const ask = (path: string, body: string | Iterable<Buffer>, options: https.RequestOptions = {}) =>
    post(url + path, { agent, ...trusting(identity), ...options }, body)
  return { server, identity, events, lines, agent, ask, trusting }
}

t.test('a review is answered, whatever the query', async (t) => {
  const { ask, events } = await start(t)
  const { status, body } = await ask('/inject?timeout=5s', review())
  t.equal(status, 200)
  t.match(JSON.parse(body), { response: { uid: 'u-1', allowed: true, patchType: 'JSONPatch' } })
  t.strictSame(events, ['injected true'])
})

t.test('a pod on which injection breaks is allowed as it is', async (t) => {
  const { ask, lines } = await start(t, () => {
    throw new Error('broken')
  })
  const { status, body } = await ask('/inject', review())
  t.equal(status, 200)
  t.strictSame((JSON.parse(body) as { response: unknown }).response, { uid: 'u-1', allowed: true })
  t.match(lines.join(''), 'broken')
})

t.test('a pod as large as an API server takes is answered', async (t) => {
  const { ask } = await start(t)
  const { status } = await ask('/inject', review({ metadata: { annotations: { book: 'é'.repeat(1_500_000) } } }))
  t.equal(status, 200)
})

const REFUSED: readonly [string, string, string, https.RequestOptions, number][] = [
  ['what is no review', '/inject', 'hello', {}, 400],
  ['an empty body', '/inject', '', {}, 400],
  ['another path', '/', review(), {}, 404],
  ['another method', '/inject', review(), { method: 'PUT' }, 405],
]

for (const [name, path, body, options, status] of REFUSED) {
  t.test(`${name} gets ${status}`, async (t) => {
    const { ask } = await start(t)
    t.equal((await ask(path, body, options)).status, status)
    t.equal((await ask('/inject', review())).status, 200, 'and the server goes on')
  })
}

t.test('a body that says it is too large is refused unread', async (t) => {
  const { ask } = await start(t)
  const { status } = await ask('/inject', '', { headers: { 'content-length': LARGEST_REVIEW + 1 } })
  t.equal(status, 413)
})

t.test('a body that grows too large is refused', async (t) => {
  const { ask } = await start(t)
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  const tooMany = Array.from({ length: 10 }, () => chunk)
  t.equal((await ask('/inject', tooMany)).status, 413)
  t.equal((await ask('/inject', review())).status, 200, 'and the server goes on')
})

t.test('a new certificate is for new connections; those that are open go on', async (t) => {
  const { server, ask, agent, trusting, identity } = await start(t)
  await ask('/inject', review())
  const next = await mintIdentity([NAME], ROTATION_TIMING, Date.now() + 1)
  server.serve(next)
  t.equal((await ask('/inject', review())).status, 200, 'the open connection')
  t.equal(Object.values(agent.freeSockets).flat().length, 1)
  const another = { agent: new https.Agent() }
  t.equal((await ask('/inject', review(), { ...another, ...trusting(next) })).status, 200, 'a new one')
  await t.rejects(ask('/inject', review(), { ...another, ...trusting(identity) }), 'the old one is gone')
})

t.test('a client that does not trust it is counted', async (t) => {
  const { ask, events } = await start(t)
  await t.rejects(ask('/inject', review(), { ca: [] }))
  await until(() => events.includes('handshake failed'))
})

t.test('while it drains it answers and asks for new connections', async (t) => {
  const { server, ask } = await start(t)
  t.equal((await ask('/inject', review())).connection, 'keep-alive')
  server.drain()
  const { status, connection } = await ask('/inject', review())
  t.strictSame([status, connection], [200, 'close'])
})

t.test('it closes when the last answer is out', async (t) => {
  const { server, events, identity, trusting } = await start(t)
  const headers = { expect: '100-continue', 'content-length': review().length }
  const request = https.request(`https://${server.address}/inject`, {
    method: 'POST',
    headers,
    ...trusting(identity),
  })
  const answered = once(request, 'response')
  request.flushHeaders()
  await once(request, 'continue')
  const closed = server.close()
  request.end(review())
  const [response] = (await answered) as [http.IncomingMessage]
  t.equal(response.statusCode, 200)
  response.resume()
  await closed
  t.strictSame(events, ['injected true'])
})
