// Requests and responses that RFC 9113 §8 calls malformed never pass; those that it allows always do.

import t from 'tap'
import { FrameType, frame } from '../../../sidecar/http2/frame.ts'
import { literalBlock } from '../../../sidecar/http2/hpack/literal-writer.ts'
import { type Fields, GET, OK, POST, echoStatus, rawClient, rawServer } from '../../fixtures/http2/raw-peer.ts'
import { startRouter } from '../../fixtures/http2/router.ts'

const PROTOCOL_ERROR = 1

const without = (name: string, fields: Fields = GET): Fields => fields.filter((each) => each[0] !== name)
const replaced = (name: string, value: string, fields: Fields = GET): Fields =>
  fields.map((each) => (each[0] === name ? ([name, value] as const) : each))
const plus = (name: string, value: string, fields: Fields = GET): Fields => [...fields, [name, value]]

const numbered = (count: number): Fields => Array.from({ length: count }, (_, n) => ['x', String(n)] as const)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

const MALFORMED: Readonly<Record<string, Fields>> = {
  '§8.2.1 a name in upper case': plus('X-Upper', '1'),
  '§8.2.1 a name with one upper case letter': plus('x-uppeR', '1'),
  '§8.2.1 a name with a space': plus('x y', '1'),
  '§8.2.1 a name with a control character': plus('x\u0001', '1'),
  '§8.2.1 a name with DEL': plus('x\u007f', '1'),
  '§8.2.1 a name with a byte above 127': plus('x\u00e9', '1'),
  '§8.2.1 a name with a colon inside': plus('x:y', '1'),
  '§8.2.1 a name that is not a token': plus('x(y)', '1'),
  '§8.2.1 an empty name': plus('', '1'),
  '§8.2.1 a value with NUL': plus('x', 'a\u0000b'),
  '§8.2.1 a value with LF': plus('x', 'a\nb'),
  '§8.2.1 a value with CR': plus('x', 'a\rb'),
  '§8.2.1 a value that begins with a space': plus('x', ' a'),
  '§8.2.1 a value that ends with a space': plus('x', 'a '),
  '§8.2.1 a value that begins with a tab': plus('x', '\ta'),
  '§8.2.1 a value that ends with a tab': plus('x', 'a\t'),
  '§8.2.1 a value that is one space': plus('x', ' '),
  '§8.2.2 connection': plus('connection', 'close'),
  '§8.2.2 proxy-connection': plus('proxy-connection', 'close'),
  '§8.2.2 keep-alive': plus('keep-alive', '1'),
  '§8.2.2 transfer-encoding': plus('transfer-encoding', 'chunked'),
  '§8.2.2 upgrade': plus('upgrade', 'websocket'),
  '§8.2.2 te other than trailers': plus('te', 'gzip'),
  '§8.2.2 te with more than trailers': plus('te', 'trailers, gzip'),
  '§8.3 a pseudo-header that does not exist': [[':unknown', '1'], ...GET],
  '§8.3 :protocol, which is not offered': [[':protocol', 'websocket'], ...GET],
  '§8.3 :status in a request': [[':status', '200'], ...GET],
  '§8.3 a pseudo-header after a field': plus(':path', '/', without(':path')).toSpliced(1, 0, ['x', '1']),
  '§8.3 two methods': [[':method', 'GET'], ...GET],
  '§8.3 two paths': [[':path', '/'], ...GET],
  '§8.3 two schemes': [[':scheme', 'http'], ...GET],
  '§8.3 two authorities': [[':authority', 'shop'], ...GET],
  '§8.3 a lone colon': [[':', '1'], ...GET],
  '§8.3.1 no method': without(':method'),
  '§8.3.1 no scheme': without(':scheme'),
  '§8.3.1 no path': without(':path'),
  '§8.3.1 no authority and no host': without(':authority'),
  '§8.3.1 an empty path': replaced(':path', ''),
  '§8.3.1 an empty method': replaced(':method', ''),
  '§8.3.1 an empty scheme': replaced(':scheme', ''),
  '§8.3.1 an empty authority': replaced(':authority', ''),
  '§8.3.1 a method that is not a token': replaced(':method', 'GE T'),
  '§8.3.1 a scheme that is none': replaced(':scheme', 'h ttp'),
  '§8.3.1 a scheme that begins with a digit': replaced(':scheme', '1http'),
  '§8.3.1 an absolute URI as path': replaced(':path', 'http://shop/'),
  '§8.3.1 a path without slash': replaced(':path', 'cart'),
  '§8.3.1 an asterisk for GET': replaced(':path', '*'),
  '§8.3.1 a path with a space': replaced(':path', '/a b'),
  '§8.3.1 a path with a tab': replaced(':path', '/a\tb'),
  '§8.3.1 a path with a fragment': replaced(':path', '/a#b'),
  '§8.3.1 a path with a raw byte above 127': replaced(':path', '/\u00e9'),
  '§8.3.1 user information': replaced(':authority', 'me@shop'),
  '§8.3.1 an authority with a path': replaced(':authority', 'shop/cart'),
  '§8.3.1 an authority with a space': replaced(':authority', 'shop cart'),
  '§8.3.1 a host that is another one': plus('host', 'other'),
  '§8.3.1 two hosts': [...without(':authority'), ['host', 'shop'], ['host', 'shop']],
  '§8.3.1 an empty host': plus('host', '', without(':authority')),
  '§8.5 CONNECT with a path': replaced(':method', 'CONNECT'),
  '§8.5 CONNECT without authority': [[':method', 'CONNECT']],
  '§8.1.1 content-length without a body': plus('content-length', '1'),
  '§8.1.1 content-length that is no number': plus('content-length', 'x'),
  '§8.1.1 content-length with a sign': plus('content-length', '+0'),
  '§8.1.1 content-length that is empty': plus('content-length', ''),
  '§8.1.1 content-length as a list': plus('content-length', '0, 0'),
  '§8.1.1 two content-lengths': plus('content-length', '0', plus('content-length', '0')),
  '§8.1.1 a content-length beyond counting': plus('content-length', '99999999999999999999'),
}

const WELL_FORMED: Readonly<Record<string, Fields>> = {
  'a plain GET': GET,
  'te: trailers': plus('te', 'trailers'),
  'a host without :authority': plus('host', 'shop', without(':authority')),
  'a host that is the authority': plus('host', 'SHOP'),
  'OPTIONS *': replaced(':path', '*', replaced(':method', 'OPTIONS')),
  CONNECT: [
    [':method', 'CONNECT'],
    [':authority', 'shop:80'],
  ],
  'an unknown method': replaced(':method', 'PURGE'),
  'a method in lower case': replaced(':method', 'get'),
  'a scheme that is not http': replaced(':scheme', 'urn+x'),
  'a port': replaced(':authority', 'shop:8080'),
  'an IPv6 authority': replaced(':authority', '[::1]:8080'),
  'a path with a query': replaced(':path', '/a?b=c&d'),
  'a path with what URIs should escape': replaced(':path', '/a|b{c}"^`<>\\'),
  'an empty value': plus('x', ''),
  'a value with a tab inside': plus('x', 'a\tb'),
  'a value with bytes above 127': plus('x', '\u00e9'),
  'a name of odd token characters': plus("!#$%&'*+-.^_`|~", '1'),
  'content-length 0 without a body': plus('content-length', '0'),
  'cookies in crumbs': [...GET, ['cookie', 'a=b'], ['cookie', 'c=d']],
  'a thousand fields less five': [...GET, ...numbered(995)],
}

t.test('a malformed request is a stream error, and nothing of it goes upstream', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  let id = 1
  for (const [why, fields] of Object.entries(MALFORMED)) {
    client.headers(id, fields)
    t.equal(await client.resetCode(id), PROTOCOL_ERROR, why)
    id += 2
  }
  t.equal(upstream.peers.length, 0, 'no connection was opened')
  t.equal(router.counts.refused['ST1001'], Object.keys(MALFORMED).length)
  client.headers(id, GET)
  echoStatus(await upstream.peer())
  t.same(await client.fields(id), OK, 'the connection lives on')
})

t.test('a well-formed request passes as it was sent', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  let id = 1
  for (const [why, fields] of Object.entries(WELL_FORMED)) {
    client.headers(id, fields)
    const server = await upstream.peer()
    t.same(await server.fields(id), fields, why)
    id += 2
  }
})

t.test('a malformed request whose table is in use leaves the table right', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  // Upper case, then a field for the table.
  client.send(frame(FrameType.headers, 5, 1, Buffer.concat([literalBlock(plus('X', '1')), hex('4001610162')])))
  t.equal(await client.resetCode(1), PROTOCOL_ERROR)
  client.send(frame(FrameType.headers, 5, 3, Buffer.concat([literalBlock(GET), hex('be')])))
  const server = await upstream.peer()
  t.same(await server.fields(3), plus('a', 'b'))
})

t.test('trailers with pseudo-headers, without END_STREAM or with connection fields end the stream', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  const cases: [string, Fields, boolean][] = [
    ['a pseudo-header', [[':path', '/']], true],
    ['no END_STREAM', [['x', '1']], false],
    ['a connection field', [['connection', 'close']], true],
    ['upper case', [['X', '1']], true],
  ]
  for (const [index, [why, fields, end]] of cases.entries()) {
    const id = index * 2 + 1
    client.headers(id, POST, false)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, id)
    client.headers(id, fields, end)
    t.equal(await client.resetCode(id), PROTOCOL_ERROR, why)
    await server.frame(FrameType.reset, id)
    t.equal(server.of(FrameType.headers, id).length, 1, `${why}: trailers did not pass`)
  }
})

t.test('a body that is not as long as content-length says ends the stream before it is passed on whole', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  const fields = plus('content-length', '4', POST)
  client.headers(1, fields, false)
  client.data(1, 'abc', true)
  t.equal(await client.resetCode(1), PROTOCOL_ERROR, 'too short')
  client.headers(3, fields, false)
  client.data(3, 'abcde')
  t.equal(await client.resetCode(3), PROTOCOL_ERROR, 'too long')
  client.headers(5, fields, false)
  client.data(5, 'abc')
  client.headers(5, [['x', '1']])
  t.equal(await client.resetCode(5), PROTOCOL_ERROR, 'trailers too early')
  client.headers(7, fields, false)
  // Padding is not payload.
  client.send(frame(FrameType.data, 9, 7, Buffer.from('\u0003abcd\0\0\0')))
  const server = await upstream.peer()
  t.equal((await server.frame(FrameType.data, 7)).flags & 1, 1, 'exact')
  for (const id of [1, 3, 5]) t.notOk(server.of(FrameType.data, id).some(({ flags }) => (flags & 1) === 1))
})

const BAD_RESPONSES: Readonly<Record<string, Fields>> = {
  'no status': [['x', '1']],
  'two statuses': [...OK, ...OK],
  'a status of two digits': [[':status', '20']],
  'a status that is no number': [[':status', '2x0']],
  'status 101': [[':status', '101']],
  'a request pseudo-header': [...OK, [':path', '/']],
  'a pseudo-header after a field': [['x', '1'], ...OK],
  'a name in upper case': [...OK, ['X', '1']],
  'a connection field': [...OK, ['connection', 'close']],
  'a value with CR': [...OK, ['x', 'a\rb']],
  'a content-length without the body': [...OK, ['content-length', '5']],
  'an interim response that ends the stream': [[':status', '103']],
}

t.test('a malformed response becomes a 502 that names the upstream', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  let id = 1
  for (const [why, fields] of Object.entries(BAD_RESPONSES)) {
    client.headers(id, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, id)
    server.headers(id, fields)
    const answer = new Map(await client.fields(id))
    t.equal(answer.get(':status'), '502', why)
    t.equal(answer.get('sidetrack-error'), 'ST1104')
    t.equal(await server.resetCode(id), PROTOCOL_ERROR)
    id += 2
  }
})

t.test('a response body that does not fit its content-length is cut off with an error', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  const answerWith = async (id: number, body: string, end: boolean): Promise<void> => {
    client.headers(id, GET)
    const server = await upstream.peer()
    await server.frame(FrameType.headers, id)
    server.headers(id, [...OK, ['content-length', '4']], false)
    server.data(id, body, end)
  }
  await answerWith(1, 'abc', true)
  t.equal(await client.resetCode(1), PROTOCOL_ERROR, 'too short')
  await answerWith(3, 'abcde', false)
  t.equal(await client.resetCode(3), PROTOCOL_ERROR, 'too long')
  t.equal(client.received(3), 0)
  await answerWith(5, 'abcd', true)
  t.equal((await client.frame(FrameType.data, 5)).flags & 1, 1, 'exact')
})

t.test('the response to HEAD and a 304 may say a length without a body', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, replaced(':method', 'HEAD'))
  client.headers(3, GET)
  const server = await upstream.peer()
  await server.frame(FrameType.headers, 3)
  const head: Fields = [...OK, ['content-length', '4']]
  const unchanged: Fields = [
    [':status', '304'],
    ['content-length', '4'],
  ]
  server.headers(1, head)
  server.headers(3, unchanged)
  t.same(await client.fields(1), head)
  t.same(await client.fields(3), unchanged)
})

t.test('a header list beyond the limits gets a 431, and one at the limits passes', async (t) => {
  const upstream = await rawServer(t)
  const router = await startRouter(t, { baseline: upstream.port })
  const client = await rawClient(t, router.port)
  client.headers(1, [...GET, ...numbered(997)])
  const answer = new Map(await client.fields(1))
  t.equal(answer.get(':status'), '431')
  t.equal(answer.get('sidetrack-error'), 'ST1002')
  t.equal(upstream.peers.length, 0)
  client.headers(3, [...GET, ...numbered(996)])
  const server = await upstream.peer()
  t.equal((await server.fields(3)).length, 1000)
})
