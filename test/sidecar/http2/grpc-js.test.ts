// @grpc/grpc-js on both sides: unary, streaming, status, trailers, deadline and cancellation on one channel.

import * as grpc from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { startRouter } from '../../fixtures/http2/router.ts'

const plain = (value: Buffer): Buffer => value
const method = (
  name: string,
  requestStream: boolean,
  responseStream: boolean,
): grpc.MethodDefinition<Buffer, Buffer> => ({
  path: `/shop.Cart/${name}`,
  requestStream,
  responseStream,
  requestSerialize: plain,
  requestDeserialize: plain,
  responseSerialize: plain,
  responseDeserialize: plain,
})
const CART = {
  unary: method('Unary', false, false),
  fail: method('Fail', false, false),
  hang: method('Hang', false, false),
  bidi: method('Bidi', true, true),
}
const OPTIONS: grpc.ClientOptions = { 'grpc.use_local_subchannel_pool': 1 }

async function serve(t: Test, variant: string): Promise<number> {
  const server = new grpc.Server()
  const trailer = (): grpc.Metadata => {
    const metadata = new grpc.Metadata()
    metadata.set('x-variant', variant)
    return metadata
  }
  const answer = (request: Buffer): Buffer => Buffer.concat([Buffer.from(`${variant}:`), request])
  server.addService(CART, {
    unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
      done(null, answer(call.request), trailer()),
    fail: (_call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
      done({ code: grpc.status.FAILED_PRECONDITION, details: `für ${variant}` }),
    hang: () => {},
    bidi: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (request: Buffer) => call.write(answer(request)))
      call.on('end', () => call.end(trailer()))
      call.on('error', () => {})
    },
  })
  t.teardown(() => server.forceShutdown())
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
}

function metadataFor(key: string): grpc.Metadata {
  const metadata = new grpc.Metadata()
  if (key !== 'baseline') metadata.set('baggage', `sidetrack=${key}`)
  return metadata
}

/** One bidirectional stream; `opened` when its first answer is there, ended when `go` resolves. */
function bidi(client: grpc.Client, key: string, opened: () => void, go: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    const { path } = CART.bidi
    const call = client.makeBidiStreamRequest(path, plain, plain, metadataFor(key))
    const got: string[] = []
    call.on('data', (data: Buffer) => {
      got.push(data.toString())
      if (got.length > 1) return
      opened()
      void go.then(() => call.end(Buffer.from('two')))
    })
    call.on('error', () => {})
    call.on('status', (status: grpc.StatusObject) =>
      resolve(`${got.join()} ${status.code} ${status.metadata.get('x-variant').join()}`),
    )
    call.write(Buffer.from('one'))
  })
}

function unary(client: grpc.Client, path: string, key: string, options: grpc.CallOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    let reply = ''
    client
      .makeUnaryRequest(path, plain, plain, Buffer.from('x'), metadataFor(key), options, (error, value) => {
        reply = error === null ? String(value) : error.details
      })
      .on('status', (status) => setImmediate(() => resolve(`${reply} ${status.code}`)))
  })
}

t.test('a thousand streams at once with ten keys on one channel get their variant, status and trailers', async (t) => {
  const keys = ['baseline', ...Array.from({ length: 10 }, (_, n) => `pr-${n}`)]
  const ports = new Map<string, number>()
  for (const key of keys) ports.set(key, await serve(t, key))
  const forks = Object.fromEntries([...ports].filter(([key]) => key !== 'baseline'))
  const router = await startRouter(t, { baseline: ports.get('baseline') ?? 0, forks })
  const client = new grpc.Client(`127.0.0.1:${router.port}`, grpc.credentials.createInsecure(), OPTIONS)
  t.teardown(() => client.close())
  const { promise: go, resolve: start } = Promise.withResolvers<void>()
  let open = 0
  const opened = (): void => {
    if (++open === 1000) start()
  }
  const calls = Array.from({ length: 1000 }, (_, n) => {
    const key = keys[n % keys.length] ?? ''
    return bidi(client, key, opened, go).then((outcome) => ({ outcome, expected: `${key}:one,${key}:two 0 ${key}` }))
  })
  const outcomes = await Promise.all(calls)
  t.same(
    outcomes.filter(({ outcome, expected }) => outcome !== expected),
    [],
  )
  t.equal(router.sessions.length, 1, 'one connection')
})

t.test('status, deadline and a fork that is away look to grpc-js as they should', async (t) => {
  const router = await startRouter(t, {
    baseline: await serve(t, 'baseline'),
    forks: { k: await serve(t, 'k'), away: 1 },
  })
  const client = new grpc.Client(`127.0.0.1:${router.port}`, grpc.credentials.createInsecure(), OPTIONS)
  t.teardown(() => client.close())
  t.equal(await unary(client, CART.unary.path, 'k'), 'k:x 0')
  t.equal(await unary(client, CART.fail.path, 'k'), `für k ${grpc.status.FAILED_PRECONDITION}`)
  t.match(await unary(client, CART.hang.path, 'k', { deadline: Date.now() + 50 }), / 4$/)
  t.match(await unary(client, CART.unary.path, 'away'), /cannot be reached \(ST1102\).* 14$/)
  t.equal(await unary(client, CART.unary.path, 'baseline'), 'baseline:x 0')
})
