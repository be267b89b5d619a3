// Each stream goes where its own keys say, and says where it has been.

import t from 'tap'
import { FrameType } from '../../../sidecar/http2/frame.ts'
import { type Carrier } from '../../../core/carrier.ts'
import { until } from '../../fixtures/until.ts'
import { type Fields, GET, OK, POST, plus } from '../../fixtures/http2/fields.ts'
import { echoStatus, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

t.test('streams of one connection go to the baseline and to forks, with the same ids', async (t) => {
  const [baseline, a, b] = [await rawServer(t), await rawServer(t), await rawServer(t)]
  const router = await startRouter(t, { baseline: baseline.port, forks: { a: a.port, b: b.port } })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.headers(3, plus(GET, ['baggage', 'x=y,sidetrack=a']))
  client.headers(5, plus(GET, ['baggage', 'sidetrack=gone.b']))
  client.headers(7, plus(GET, ['baggage', 'sidetrack=gone']))
  client.headers(9, plus(GET, ['baggage', 'sidetrack=a'], ['baggage', 'sidetrack=b']))
  await (await baseline.peer()).frame(FrameType.headers, 7)
  t.same(
    (await baseline.peer()).of(FrameType.headers).map(({ id }) => id),
    [1, 7],
  )
  await (await b.peer()).frame(FrameType.headers, 9)
  t.same(
    (await b.peer()).of(FrameType.headers).map(({ id }) => id),
    [5, 9],
    'the last line wins',
  )
  t.same(await (await a.peer()).fields(3), plus(GET, ['baggage', 'x=y,sidetrack=a']))
  ;(await b.peer()).headers(5, OK)
  ;(await baseline.peer()).headers(7, OK)
  t.same(await client.fields(5), plus(OK, ['sidetrack-route', 'shop=b']))
  t.same(await client.fields(7), OK)
  t.same({ ...router.counts }, { baseline: 2, fork: 3, refused: {}, copied: {} })
})

t.test('only the final head of a response is marked, not its trailers', async (t) => {
  const fork = await rawServer(t)
  const router = await startRouter(t, { baseline: 1, forks: { a: fork.port } })
  const client = await rawClient(t, router.port)
  client.headers(1, plus(POST, ['baggage', 'sidetrack=a']))
  const server = await fork.peer()
  await server.frame(FrameType.headers, 1)
  server.headers(1, OK, false)
  server.data(1, 'x')
  server.headers(1, [['grpc-status', '0']])
  t.same(await client.fields(1), plus(OK, ['sidetrack-route', 'shop=a']))
  t.same(await client.fields(1, 1), [['grpc-status', '0']])
})

t.test('trailers of requests pass', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, POST, false)
  client.data(1, 'x')
  client.headers(1, [['x-sum', '1']])
  const server = await upstream.peer()
  await server.fields(1)
  t.same(await server.fields(1, 1), [['x-sum', '1']])
  t.equal(server.of(FrameType.headers, 1)[1]?.flags, 5)
})

t.test('a session that is open to one of a fork’s addresses is used again', async (t) => {
  const one = await rawServer(t)
  const two = await rawServer(t)
  const router = await startRouter(t, { baseline: 1, forks: { a: [one.port, two.port] } })
  const client = await rawClient(t, router.port)
  for (let n = 0; n < 20; n++) client.headers(n * 2 + 1, plus(GET, ['baggage', 'sidetrack=a']))
  await client.roundTrip()
  await until(() => one.peers.length + two.peers.length > 0)
  const used = await (one.peers.length > 0 ? one : two).peer()
  await used.frame(FrameType.headers, 39)
  t.equal(one.peers.length + two.peers.length, 1)
})

t.test('a request without a key that leaves a fork gets its key, in a new field or in its baggage', async (t) => {
  const baseline = await rawServer(t)
  const fork = await rawServer(t)
  const router = await startRouter(t, {
    baseline: baseline.port,
    forks: { own: fork.port, a: baseline.port },
    ownKey: 'own',
  })
  const client = await rawClient(t, router.port)
  client.headers(1, GET)
  client.headers(3, plus(GET, ['baggage', 'x=y'], ['last', '1']))
  client.headers(5, plus(GET, ['baggage', 'x=y'], ['baggage', 'z=1;p']))
  client.headers(7, plus(GET, ['baggage', 'sidetrack=a']))
  const server = await fork.peer()
  t.same(await server.fields(1), plus(GET, ['baggage', 'sidetrack=own']))
  t.same(await server.fields(3), plus(GET, ['baggage', 'x=y,sidetrack=own'], ['last', '1']))
  t.same(await server.fields(5), plus(GET, ['baggage', 'x=y'], ['baggage', 'z=1;p,sidetrack=own']))
})

t.test('other carriers route too, and carry the own key in their own way', async (t) => {
  const cases: [Carrier, Fields, Fields][] = [
    [{ form: 'header', header: 'x-key' }, [['x-key', 'a']], [['x-key', 'own']]],
    [
      { form: 'tracestate', header: 'tracestate', member: 'st' },
      [['tracestate', 'v=1,st=a']],
      [['tracestate', 'st=own']],
    ],
  ]
  for (const [carrier, keyed, stamped] of cases) {
    const fork = await rawServer(t)
    const baseline = await rawServer(t)
    const carriers = [carrier]
    const router = await startRouter(t, { baseline: baseline.port, forks: { a: fork.port }, ownKey: 'own', carriers })
    const client = await rawClient(t, router.port)
    client.headers(1, plus(GET, ...keyed))
    client.headers(3, GET)
    t.same(await (await fork.peer()).fields(1), plus(GET, ...keyed))
    t.same(await (await baseline.peer()).fields(3), plus(GET, ...stamped))
  }
})

t.test('a fork that is not ready answers with its reason, in the form that the client accepts', async (t) => {
  const router = await startRouter(t, { baseline: 1 })
  router.table.set({ key: 'a', addresses: [], ready: false, reason: 'image cannot be pulled', unready: 'fail' })
  const client = await rawClient(t, router.port)
  client.headers(1, plus(GET, ['baggage', 'sidetrack=a'], ['accept', 'application/json']))
  const head = new Map(await client.fields(1))
  t.equal(head.get(':status'), '503')
  t.equal(head.get('content-type'), 'application/problem+json')
  t.match(JSON.parse((await client.frame(FrameType.data, 1)).payload.toString()), {
    code: 'ST1101',
    detail: /image cannot be pulled/,
  })
  client.headers(3, plus(POST, ['baggage', 'sidetrack=a'], ['content-type', 'application/grpc']))
  const status = new Map(await client.fields(3))
  t.equal(status.get('grpc-status'), '14')
  t.match(status.get('grpc-message'), /image cannot be pulled/)
  t.same(router.counts.refused, { ST1101: 2 })
})

t.test('requests that are refused for their form open no connection, and are counted', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, plus(GET, ['X', '1']))
  client.headers(3, plus(GET, ['baggage', 'sidetrack=a'], ['connection', 'close']))
  client.headers(5, plus(GET, ...Array.from({ length: 997 }, () => ['x', '1'] as const)))
  for (const id of [1, 3]) t.equal(await client.resetCode(id), 1, 'PROTOCOL_ERROR')
  t.equal(new Map(await client.fields(5)).get('sidetrack-error'), 'ST1002')
  t.same(router.counts.refused, { ST1001: 2, ST1002: 1 })
  t.equal(upstream.peers.length, 0, 'no connection')
  client.headers(7, GET)
  echoStatus(await upstream.peer())
  t.same(await client.fields(7), OK, 'the connection lives on')
})

t.test('a strict key that names no live sandbox is refused', async (t) => {
  const router = await startRouter(t, { baseline: 1 })
  const client = await rawClient(t, router.port)
  client.headers(1, plus(GET, ['baggage', 'sidetrack=gone;strict']))
  t.equal(new Map(await client.fields(1)).get('sidetrack-error'), 'ST1103')
})

t.test('a grpc-message is percent-encoded', async (t) => {
  const router = await startRouter(t, { baseline: 1 })
  router.table.set({ key: 'a', addresses: [], ready: false, reason: '100 % für', unready: 'fail' })
  const client = await rawClient(t, router.port)
  client.headers(1, plus(POST, ['baggage', 'sidetrack=a'], ['content-type', 'application/grpc']))
  t.match(new Map(await client.fields(1)).get('grpc-message'), /100 %25 f%C3%BCr/)
})

t.test('a change of routes or of the baseline holds for the next stream of an open connection', async (t) => {
  const [first, second] = [await rawServer(t), await rawServer(t)]
  const router = await startRouter(t, { baseline: first.port })
  const client = await rawClient(t, router.port)
  client.headers(1, plus(GET, ['baggage', 'sidetrack=a']))
  await (await first.peer()).frame(FrameType.headers, 1)
  router.table.set({
    key: 'a',
    addresses: [{ host: '127.0.0.1', port: second.port }],
    ready: true,
    reason: '',
    unready: 'fail',
  })
  client.headers(3, plus(GET, ['baggage', 'sidetrack=a']))
  await (await second.peer()).frame(FrameType.headers, 3)
  router.destination.update({ host: '127.0.0.1', port: second.port }, 'http', [router.table])
  client.headers(5, GET)
  await (await second.peer(1)).frame(FrameType.headers, 5)
  t.pass()
})
